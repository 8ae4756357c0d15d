using System.Collections.Immutable;
using Rcc.Contracts.Customers;
using Rcc.Core.Customers;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>Labels and attributes of a conversation, which its agents share and its customer never sees. They are those the account has defined; a resolved conversation is still sorted by them.</summary>
public static partial class Conversation
{
    /// <summary>Takes the customer's name out: the customer was erased.</summary>
    public static Decision<ConversationSnapshot> ForgetContact(TenantId tenant, ConversationSnapshot? now) =>
        now is null ? NotFound : Change(tenant, now, now with { State = now.State with { ContactName = null } });

    /// <summary>Says which labels the conversation has, when <paramref name="labels"/> is given, and changes attributes: the JSON text <c>null</c> takes one away.</summary>
    public static Decision<ConversationSnapshot> Tag(
        TenantId tenant, ConversationSnapshot? now, Standing caller, ImmutableArray<string>? labels, ImmutableArray<AttributeText> attributes, TagRules rules)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(rules);
        if (Steer(now, caller, default) is { } refusal)
        {
            return refusal;
        }

        if (labels?.FirstOrDefault(label => !rules.Settings.Labels.Any(known => string.Equals(known.Name, label, StringComparison.Ordinal))) is { } unknown)
        {
            return Answer.Refused(ErrorCode.Malformed, $"The account has no label {unknown}.");
        }

        if (AttributeValue.Refuse(attributes.Select(value => KeyValuePair.Create(value.Key, value.Json)), AttributeOwner.Conversation, rules.Settings, rules.MaxAttributeBytes) is { } wrong)
        {
            return Answer.Refused(ErrorCode.Malformed, wrong);
        }

        var values = attributes.Aggregate(
            now!.Handling.CustomAttributes.ToImmutableSortedDictionary(StringComparer.Ordinal),
            (all, value) => string.Equals(value.Json, "null", StringComparison.Ordinal) ? all.Remove(value.Key) : all.SetItem(value.Key, AttributeValue.Parse(value.Json)));
        return Change(tenant, now, now with
        {
            Handling = now.Handling with
            {
                Labels = labels is { } given ? [.. given.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)] : now.Handling.Labels,
                CustomAttributes = values,
            },
        });
    }
}

/// <summary>What labels and attributes are held to.</summary>
/// <param name="Settings">Those the account has defined.</param>
/// <param name="MaxAttributeBytes">See <see cref="CustomerOptions.MaxAttributeBytes"/>.</param>
public sealed record TagRules(ContactSettingsState Settings, int MaxAttributeBytes);
