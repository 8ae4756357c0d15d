using Rcc.Contracts.Conversations;
using Rcc.Core.Conversations;

namespace Rcc.Server.Conversations;

/// <summary>A canned response: a text to be put into a draft.</summary>
/// <param name="Id">The canned response.</param>
/// <param name="ShortCode">What it is found by.</param>
/// <param name="Content">The text.</param>
/// <param name="Visibility">Whose it is.</param>
/// <param name="TeamId">The team it belongs to.</param>
internal sealed record CannedResponse(Guid Id, string ShortCode, string Content, Visibility Visibility, Guid? TeamId)
{
    public static CannedResponse Of(ShortcutSnapshot one) =>
        new(one.Id, one.State.Name, one.State.Text ?? "", one.State.Scope.ToVisibility(), one.State.Scope == ShortcutScope.Group ? one.State.OwnerId : null);
}

/// <summary>A canned response to make.</summary>
/// <param name="ShortCode">What it is found by: 1 … 100 characters.</param>
/// <param name="Content">The text.</param>
/// <param name="Visibility">Whose it is to be; the default is the caller's.</param>
/// <param name="TeamId">With <c>team</c>: which.</param>
internal sealed record NewCannedResponse(string ShortCode, string Content, Visibility Visibility = Visibility.Personal, Guid? TeamId = null)
{
    public ShortcutState ToState() => new() { Scope = Visibility.ToShortcutScope(), OwnerId = TeamId, Name = ShortCode, Text = Content };
}

/// <summary>A canned response's new content.</summary>
internal sealed record CannedResponseContent(string ShortCode, string Content)
{
    public ShortcutState ToState() => new() { Scope = ShortcutScope.Account, Name = ShortCode, Text = Content };
}

/// <summary>A macro: actions that are carried out together.</summary>
/// <param name="Id">The macro.</param>
/// <param name="Name">What it is found by.</param>
/// <param name="Actions">What it does, in this order, all or nothing.</param>
/// <param name="Visibility">Whose it is.</param>
/// <param name="TeamId">The team it belongs to.</param>
internal sealed record SavedMacro(Guid Id, string Name, IReadOnlyList<MacroAction> Actions, Visibility Visibility, Guid? TeamId)
{
    public static SavedMacro Of(ShortcutSnapshot one) => new(
        one.Id,
        one.State.Name,
        [.. (one.State.Steps ?? []).Select(MacroAction.Of)],
        one.State.Scope.ToVisibility(),
        one.State.Scope == ShortcutScope.Group ? one.State.OwnerId : null);
}

/// <summary>A macro to make.</summary>
/// <param name="Name">What it is found by: 1 … 100 characters.</param>
/// <param name="Actions">What it does: 1 … 20.</param>
/// <param name="Visibility">Whose it is to be; the default is the caller's.</param>
/// <param name="TeamId">With <c>team</c>: which.</param>
internal sealed record NewMacro(string Name, IReadOnlyList<MacroAction> Actions, Visibility Visibility = Visibility.Personal, Guid? TeamId = null)
{
    public ShortcutState ToState() => new() { Scope = Visibility.ToShortcutScope(), OwnerId = TeamId, Name = Name, Steps = [.. Actions.Select(action => action.ToStep())] };
}

/// <summary>A macro's new content.</summary>
internal sealed record MacroContent(string Name, IReadOnlyList<MacroAction> Actions)
{
    public ShortcutState ToState() => new() { Scope = ShortcutScope.Account, Name = Name, Steps = [.. Actions.Select(action => action.ToStep())] };
}

/// <summary>What a macro does, or what is done to many conversations.</summary>
/// <param name="Operation">What: its name on the hub, such as <c>post</c>, <c>resolve</c>, <c>assign</c>, <c>setPriority</c>.</param>
/// <param name="AgentId">The agent it is about.</param>
/// <param name="TeamId">The team it is about.</param>
/// <param name="QueueId">The queue it is about.</param>
/// <param name="Content">The message to post, or a private one for whoever gets a transfer.</param>
/// <param name="Private">The message is for agents only.</param>
/// <param name="Priority">How urgent it is.</param>
/// <param name="Labels">All labels it is to have.</param>
/// <param name="SnoozeMinutes">For how long to put it off; absent: until the contact writes.</param>
/// <param name="Disposition">How the conversation ended.</param>
internal sealed record MacroAction(
    string Operation,
    Guid? AgentId = null,
    Guid? TeamId = null,
    Guid? QueueId = null,
    string? Content = null,
    bool Private = false,
    PriorityLevel? Priority = null,
    IReadOnlyList<string>? Labels = null,
    int? SnoozeMinutes = null,
    string? Disposition = null)
{
    public static MacroAction Of(MacroStep step) => new(
        step.Operation, step.AgentId, step.GroupId, step.QueueId, step.Text, step.Lane == Lane.Notes, step.Priority?.ToPriorityLevel(), step.Labels, step.SnoozeMinutes, step.Disposition);

    public MacroStep ToStep() => new()
    {
        Operation = Operation,
        AgentId = AgentId,
        GroupId = TeamId,
        QueueId = QueueId,
        Text = Content,
        Lane = Vocabulary.ToLane(Private),
        Priority = Priority?.ToPriority(),
        Labels = Labels,
        SnoozeMinutes = SnoozeMinutes,
        Disposition = Disposition,
    };
}
