using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Contracts.Customers;
using Rcc.Core.Access;
using Rcc.Core.Customers;
using Rcc.Server.Access;

namespace Rcc.Server.Customers;

/// <summary>What an account defines for all its contacts: labels, attributes, and who may see what.</summary>
internal static class ContactSettingsEndpoints
{
    public static void MapContactSettings(this IEndpointRouteBuilder account)
    {
        var labels = account.MapGroup("/labels").WithTags("labels");
        labels.MapGet("", ListLabelsAsync).WithName("listLabels").WithSummary("All labels, by title.");
        labels.MapPost("", CreateLabelAsync).WithName("createLabel").WithSummary("Makes a label.");
        labels.MapPatch("/{label}", ChangeLabelAsync).WithName("changeLabel").WithSummary("Changes colour or description of a label.");
        labels.MapDelete("/{label}", RemoveLabelAsync).WithName("removeLabel").WithSummary("Takes a label away; nobody sees it any more.");

        var attributes = account.MapGroup("/custom_attribute_definitions").WithTags("custom attributes");
        attributes.MapGet("", ListAttributesAsync).WithName("listCustomAttributeDefinitions").WithSummary("All attributes the account has defined.");
        attributes.MapPost("", CreateAttributeAsync).WithName("createCustomAttributeDefinition").WithSummary("Defines an attribute of contacts or conversations.");
        attributes.MapPatch("/{attribute_model}/{attribute_key}", ChangeAttributeAsync).WithName("changeCustomAttributeDefinition").WithSummary("Changes how an attribute is shown, or a list's values.");
        attributes.MapDelete("/{attribute_model}/{attribute_key}", RemoveAttributeAsync).WithName("removeCustomAttributeDefinition").WithSummary("Takes an attribute away; nobody sees its values any more.");

        var rules = account.MapGroup("/disclosure_rules").WithTags("disclosure");
        rules.MapGet("", ListRulesAsync).WithName("listDisclosureRules").WithSummary("Who may see what of contacts: the first rule that fits decides.");
        rules.MapPut("", SetRulesAsync).WithName("setDisclosureRules").WithSummary("Puts all rules in the place of those there are; what devices hold follows.");
    }

    static async Task<Results<Ok<Page<Label>>, Refusal>> ListLabelsAsync(SignedIn caller, ContactSettingsDoor door, CancellationToken cancellationToken) =>
        (await door.FindAsync(caller, cancellationToken)).ToResult(settings => new Page<Label>([.. settings.Labels.Select(Label.Of)], null));

    static Task<Results<NoContent, Refusal>> CreateLabelAsync([AsParameters] CommandTo<ContactSettingsDoor> to, Label body) =>
        to.Door.PutLabelAsync(to.Caller, new(body.Title, body.Color, body.Description), mustBeNew: true, to.Attempt, to.CancellationToken).ToNoContentAsync();

    static Task<Results<NoContent, Refusal>> ChangeLabelAsync([AsParameters] CommandTo<ContactSettingsDoor> to, string label, LabelPatch body) =>
        to.Door.PutLabelAsync(to.Caller, new(label, body.Color, body.Description), mustBeNew: false, to.Attempt, to.CancellationToken).ToNoContentAsync();

    static Task<Results<NoContent, Refusal>> RemoveLabelAsync([AsParameters] CommandTo<ContactSettingsDoor> to, string label) =>
        to.Door.RemoveLabelAsync(to.Caller, label, to.Attempt, to.CancellationToken).ToNoContentAsync();

    static async Task<Results<Ok<Page<CustomAttribute>>, Refusal>> ListAttributesAsync(SignedIn caller, ContactSettingsDoor door, CancellationToken cancellationToken) =>
        (await door.FindAsync(caller, cancellationToken)).ToResult(settings => new Page<CustomAttribute>([.. settings.CustomAttributes.Select(CustomAttribute.Of)], null));

    static Task<Results<NoContent, Refusal>> CreateAttributeAsync([AsParameters] CommandTo<ContactSettingsDoor> to, CustomAttribute body) =>
        to.Door.PutAttributeAsync(
            to.Caller,
            new(body.AttributeKey, body.AttributeModel, body.AttributeDisplayType, body.AttributeDisplayName, [.. body.AttributeValues ?? []]),
            mustBeNew: true,
            to.Attempt,
            to.CancellationToken).ToNoContentAsync();

    static Task<Results<NoContent, Refusal>> ChangeAttributeAsync(
        [AsParameters] CommandTo<ContactSettingsDoor> to, [FromRoute(Name = "attribute_model")] Word<AttributeOwner> of, [FromRoute(Name = "attribute_key")] string key, CustomAttributePatch body) =>
        to.Door.PutAttributeAsync(
            to.Caller, new(key, of.Value, default, body.AttributeDisplayName, body.AttributeValues is { } values ? [.. values] : null), mustBeNew: false, to.Attempt, to.CancellationToken).ToNoContentAsync();

    static Task<Results<NoContent, Refusal>> RemoveAttributeAsync(
        [AsParameters] CommandTo<ContactSettingsDoor> to, [FromRoute(Name = "attribute_model")] Word<AttributeOwner> of, [FromRoute(Name = "attribute_key")] string key) =>
        to.Door.RemoveAttributeAsync(to.Caller, of.Value, key, to.Attempt, to.CancellationToken).ToNoContentAsync();

    static async Task<Results<Ok<DisclosureRules>, Refusal>> ListRulesAsync(SignedIn caller, ContactSettingsDoor door, CancellationToken cancellationToken) =>
        (await door.FindDisclosureAsync(caller, cancellationToken)).ToResult(rules => new DisclosureRules([.. rules.Rules.Select(RuleOfDisclosure.Of)]));

    static Task<Results<NoContent, Refusal>> SetRulesAsync([AsParameters] CommandTo<ContactSettingsDoor> to, DisclosureRules body) =>
        to.Door.SetDisclosureAsync(to.Caller, [.. body.Rules.Select(rule => rule.ToRule())], to.Attempt, to.CancellationToken).ToNoContentAsync();
}

/// <summary>A label.</summary>
/// <param name="Title">1 … 50 of <c>a–z 0–9 - _</c>; never changes.</param>
/// <param name="Color">As <c>#rrggbb</c>.</param>
/// <param name="Description">For people; null: none.</param>
internal sealed record Label(string Title, string Color, string? Description = null)
{
    public static Label Of(LabelDefinition label) => new(label.Name, label.Color, label.Description);
}

/// <summary>What to change of a label; absent members stay.</summary>
internal sealed record LabelPatch(string? Color = null, string? Description = null);

/// <summary>An attribute the account has defined.</summary>
/// <param name="AttributeKey">1 … 50 of <c>a–z 0–9 _</c>; never changes.</param>
/// <param name="AttributeModel">What it is an attribute of.</param>
/// <param name="AttributeDisplayType">What values it takes; never changes.</param>
/// <param name="AttributeDisplayName">For people; absent: the key.</param>
/// <param name="AttributeValues">The values of a list; else absent or empty.</param>
internal sealed record CustomAttribute(
    string AttributeKey, AttributeOwner AttributeModel, AttributeType AttributeDisplayType, string? AttributeDisplayName = null, IReadOnlyList<string>? AttributeValues = null)
{
    public static CustomAttribute Of(AttributeDefinition definition) => new(definition.Key, definition.Of, definition.Type, definition.DisplayName, definition.Values);
}

/// <summary>What to change of an attribute's definition; absent members stay.</summary>
internal sealed record CustomAttributePatch(string? AttributeDisplayName = null, IReadOnlyList<string>? AttributeValues = null);

/// <summary>Who may see what of contacts. The first rule that fits decides; where none fits, agents see a contact's context while they serve it, and everybody else all. Names are never hidden.</summary>
internal sealed record DisclosureRules(IReadOnlyList<RuleOfDisclosure> Rules);

/// <summary>One rule of disclosure.</summary>
/// <param name="Attribute"><c>email</c>, <c>identifier</c>, <c>address.{kind}</c>, <c>label.{title}</c>, <c>custom.{key}</c>, <c>context.{name}</c>, <c>agent_context.{name}</c> (<c>agent_context.pidf:devices</c> are the devices in an agent's presence), or the beginning of one and <c>*</c>.</param>
/// <param name="Handling">What the rule does.</param>
/// <param name="Role">For whom; absent: everybody.</param>
/// <param name="TeamId">For agents of this team only.</param>
/// <param name="ProvideLocation">How exactly the rule gives a location (<c>geopriv:location</c>); absent: as it is. Other values are not touched by it.</param>
internal sealed record RuleOfDisclosure(
    string Attribute,
    DisclosureHandling Handling,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PersonType? Role = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? TeamId = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ProvidedLocation? ProvideLocation = null)
{
    public static RuleOfDisclosure Of(DisclosureRule rule) =>
        new(rule.Pattern, rule.Handling, rule.Role?.ToPersonType(), rule.GroupId, rule.ProvideLocation is { } provided ? new(provided.Civic, provided.Radius) : null);

    public DisclosureRule ToRule() => new()
    {
        Pattern = Attribute, Handling = Handling, Role = Role?.ToRole(), GroupId = TeamId, ProvideLocation = ProvideLocation is { } provided ? new(provided.Civic, provided.Radius) : null,
    };
}

/// <summary>What a rule gives of a location (RFC 6772 <c>provide-location</c>): what is absent here it does not give. Either or both.</summary>
/// <param name="Civic">How much of the address: <c>country</c>; <c>region</c>, with A1; <c>city</c>, with A2 and A3; <c>building</c>, with street, house and postal code; <c>full</c>.</param>
/// <param name="Radius">The position is given as the middle of a cell of a fixed grid, not farther from the true one than so many metres: 1 … 1 000 000.</param>
internal sealed record ProvidedLocation(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] CivicLevel? Civic = null, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Radius = null);
