using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Customers;
using Rcc.Core.Agents;
using Rcc.Core.Customers;
using Rcc.Core.Sync;

namespace Rcc.Core.Access;

/// <summary>The door to what a tenant defines for all its contacts: labels, attributes, disclosure. Agents read labels and attributes; master agents and applications define them. Who may see what, administrators and applications say: a master agent could be hidden something.</summary>
public sealed class ContactSettingsDoor(
    IGrainFactory grains, ICustomerStore customers, IAgentStore agents, Admission admission, IOptions<AccessOptions> access, IOptions<CustomerOptions> options)
{
    const int MaxKeyLength = 50;
    const int MaxDescriptionLength = 500;

    /// <summary>Everything but the rules of disclosure.</summary>
    public Task<Found<ContactSettingsState>> FindAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<ContactSettingsState>(
            caller, Permission.RequireAgentOr(caller, Scopes.ContactsRead), async () => (await customers.LoadSettingsAsync(caller.Tenant, cancellationToken)).Settings);
    }

    public Task<Found<DisclosureRecord>> FindDisclosureAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<DisclosureRecord>(
            caller, Permission.RequireMasterOr(caller, Scopes.Settings), async () => (await customers.LoadSettingsAsync(caller.Tenant, cancellationToken)).Disclosure);
    }

    /// <summary>Makes a label, or changes one.</summary>
    public Task<Outcome> PutLabelAsync(Caller caller, LabelEdit label, bool mustBeNew, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(label);
        var key = CommandKeys.Make(new(label, mustBeNew), AccessJson.Default.PutLabel, 0, attempt, out var refusal);
        refusal ??= Key(label.Name, "title", extra: '-')
            ?? (label.Color is null && !mustBeNew ? null : label.Color is ['#', .. { Length: 6 } hex] && hex.All(char.IsAsciiHexDigit) ? null : Shape.Malformed("color is #rrggbb."))
            ?? Shape.OptionalName(label.Description, "description", MaxDescriptionLength);
        return ChangeAsync(caller, refusal, grain => grain.PutLabelAsync(caller, key, label with { Color = label.Color?.ToLowerInvariant() }, mustBeNew, cancellationToken));
    }

    public Task<Outcome> RemoveLabelAsync(Caller caller, string name, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new("removeLabel", Guid.Empty, name), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        refusal ??= Key(name, "label", extra: '-');
        return ChangeAsync(caller, refusal, grain => grain.RemoveLabelAsync(caller, key, name, cancellationToken));
    }

    /// <summary>Defines an attribute, or changes its definition; its type stays.</summary>
    public Task<Outcome> PutAttributeAsync(Caller caller, AttributeEdit definition, bool mustBeNew, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(definition);
        var limits = access.Value;
        var key = CommandKeys.Make(new(definition, mustBeNew), AccessJson.Default.PutAttribute, 0, attempt, out var refusal);
        refusal ??= Key(definition.Key, "attribute_key")
            ?? Shape.Defined(definition.Of, "attribute_model")
            ?? Shape.Defined(definition.Type, "attribute_display_type")
            ?? Shape.OptionalName(definition.DisplayName, "attribute_display_name", limits.MaxNameLength)
            ?? CheckValues(definition.Values, limits.MaxNameLength);
        return ChangeAsync(caller, refusal, grain => grain.PutAttributeAsync(caller, key, definition, mustBeNew, cancellationToken));
    }

    public Task<Outcome> RemoveAttributeAsync(Caller caller, AttributeOwner of, string key, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var command = CommandKeys.Make(new("removeAttribute", Guid.Empty, $"{of} {key}"), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        refusal ??= Key(key, "attribute_key");
        return ChangeAsync(caller, refusal, grain => grain.RemoveAttributeAsync(caller, command, of, key, cancellationToken));
    }

    /// <summary>Puts all rules of disclosure in the place of those there are. What devices hold follows at once.</summary>
    public Task<Outcome> SetDisclosureAsync(Caller caller, ImmutableArray<DisclosureRule> rules, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new(rules), AccessJson.Default.SetDisclosure, 0, attempt, out var refusal);
        refusal = Permission.RequireAdministratorOr(caller, Scopes.Settings) ?? refusal;
        refusal ??= rules.FirstOrDefault(rule => !Disclosure.IsPattern(rule.Pattern) || !Enum.IsDefined(rule.Handling)) is { } wrong
            ? Shape.Malformed($"The pattern {wrong.Pattern} fits nothing that can be hidden: email, identifier, address.…, label.…, custom.…, context.…, agent_context.…, or the beginning of one and *.")
            : rules.Select(rule => rule.ProvideLocation?.Refuse(rule)).FirstOrDefault(wrong => wrong is not null) is { } mistake ? Shape.Malformed(mistake) : null;
        return ChangeAsync(caller, refusal, async grain =>
        {
            foreach (var group in rules.Select(rule => rule.GroupId).OfType<Guid>().Distinct())
            {
                if (await agents.LoadGroupAsync(caller.Tenant, group, cancellationToken) is null)
                {
                    return Decision.NotFound("team");
                }
            }

            return await grain.SetDisclosureAsync(caller, key, rules, cancellationToken);
        });
    }

    Task<Outcome> ChangeAsync(Caller caller, Outcome? refusal, Func<IContactSettingsGrain, Task<Answer>> act)
    {
        refusal = Permission.RequireMasterOr(caller, Scopes.Settings) ?? refusal;
        return admission.CommandAsync(caller, refusal, () => act(grains.GetGrain<IContactSettingsGrain>(caller.Tenant.Key)));
    }

    Outcome? CheckValues(ImmutableArray<string>? values, int maxLength)
    {
        if (values is not { } given)
        {
            return null;
        }

        return given.Length > options.Value.MaxListValues
            ? Shape.TooLarge($"attribute_values has {given.Length} values; MaxListValues is {options.Value.MaxListValues}.")
            : given.Select(value => Shape.Name(value, "attribute_values", maxLength)).FirstOrDefault(refusal => refusal is not null)
                ?? (given.Distinct(StringComparer.Ordinal).Count() == given.Length ? null : Shape.Malformed("attribute_values has one value twice."));
    }

    /// <summary>A name that programs use.</summary>
    static Outcome? Key(string? value, string member, char extra = '_') =>
        value is { Length: >= 1 and <= MaxKeyLength } && value.All(character => character is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_' || character == extra)
            ? null
            : Shape.Malformed($"{member} has 1 … {MaxKeyLength} of a–z, 0–9 and {(extra == '_' ? "_" : $"_ {extra}")}.");
}
