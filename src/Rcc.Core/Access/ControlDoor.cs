using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>The door to what is done to a conversation besides writing in it.</summary>
public sealed class ControlDoor(
    IGrainFactory grains, ISyncStore items, Entitlements entitlements, TimeProvider clock, Admission admission, IOptions<ConversationOptions> limits)
{
    /// <summary>Of many conversations acted on by one request: no caller has more of the server than so many.</summary>
    const int AtOnce = 4;

    /// <summary>Controls a communication.</summary>
    public Task<Outcome> ControlAsync(Caller caller, ControlConversation command, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(command);
        var key = CommandKeys.Make(command, ContractJson.Default.ControlConversation, command.Number, attempt, out var refusal);
        return ControlAsync(caller, command, key, refusal, cancellationToken);
    }

    Task<Outcome> ControlAsync(Caller caller, ControlConversation command, CommandKey? key, Outcome? refusal, CancellationToken cancellationToken)
    {
        refusal ??= Permission.RequireSteering(caller)
            ?? Shape.Id(command.ConversationId, "conversationId")
            ?? (ConversationControl.IsKnown(command.Operation) ? null : Outcome.Refused(ErrorCode.UnknownOperation, "There is no such operation."))
            ?? CheckMembers(command)
            ?? CheckText(command);
        var control = Control.Of(command, Guid.CreateVersion7());
        return command.Operation is ControlOperations.ExecuteMacro
            ? admission.PostAsync(caller, refusal, async () => await RefuseMacroAsync(caller, command.MacroId, cancellationToken) ?? await Act())
            : ServiceOf(command.Operation) is not Services.None and var service ? admission.CommandAsync(caller, service, refusal, Act)
            : admission.CommandAsync(caller, refusal, Act);

        Task<Answer> Act() => Grain(caller, command.ConversationId).ControlAsync(caller, key, control, cancellationToken);
    }

    /// <summary>
    /// Does the same to many conversations, each by itself: what is refused for one is done for the others. Each is a command of its own, known by a number or key made of this one's: repeated, each is answered as the
    /// first time, although what is done may depend on the time.
    /// </summary>
    public async Task<ControlledConversations> ControlManyAsync(Caller caller, ControlConversations command, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(command);
        var key = CommandKeys.Make(command, ContractJson.Default.ControlConversations, command.Number, attempt, out var refusal);
        refusal ??= Permission.RequireSteering(caller)
            ?? (caller.May(Controls.ActInBulk) ? null : Outcome.Refused(ErrorCode.Forbidden, "The agent's controls do not contain ActInBulk."))
            ?? CheckMany(command)
            ?? (attempt.IsNumbered && command.Number > CommandKeys.MaxNumber - command.ConversationIds.Count ? Shape.Malformed("number must leave one for each conversation up to 2^53 − 1.") : null);
        if (refusal is not null)
        {
            return new() { Outcome = refusal };
        }

        var at = clock.GetUtcNow();
        var results = new ControlledConversation[command.ConversationIds.Count];
        await Parallel.ForAsync(0, results.Length, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (place, stop) =>
        {
            var conversation = command.ConversationIds[place];
            var own = key is not { } first ? (CommandKey?)null
                : first with { Number = attempt.IdempotencyKey is { } text ? CommandKeys.NumberOf(CommandKeys.PartOf(text, conversation)) : first.Number + place };
            results[place] = new(conversation, await ControlAsync(caller, OneOf(command, conversation, at), own, null, stop));
        });
        return new() { Outcome = results.Select(one => one.Outcome).FirstOrDefault(IsToBeRepeated) ?? Outcome.Done, Results = results };
    }

    static bool IsToBeRepeated(Outcome outcome) => outcome.Code is ErrorCode.RateLimited or ErrorCode.Busy or ErrorCode.Unavailable;

    static ControlConversation OneOf(ControlConversations command, Guid conversation, DateTimeOffset at) => command.Step is { } step
        ? Macro.ToCommand(step, conversation, at)
        : new() { Number = Macro.Unnumbered, ConversationId = conversation, Operation = ControlOperations.ExecuteMacro, MacroId = command.MacroId };

    /// <summary>The service a tenant has contracted who may do this; what began while it had is ended without.</summary>
    static Services ServiceOf(string operation) => operation switch
    {
        ControlOperations.Transfer or ControlOperations.Consult => Services.Transfers,
        ControlOperations.Monitor or ControlOperations.Whisper or ControlOperations.Barge or ControlOperations.TakeOver => Services.Supervision,
        _ => Services.None,
    };

    internal static Outcome? CheckTarget(params ReadOnlySpan<Guid?> targets)
    {
        var named = 0;
        foreach (var target in targets)
        {
            named += target is null ? 0 : 1;
        }

        return named == 1 ? null : Shape.Malformed("One of agentId, groupId and queueId must be given.");
    }

    static Outcome? CheckMembers(ControlConversation command) => command.Operation switch
    {
        ControlOperations.Transfer or ControlOperations.Consult => CheckTarget(command.AgentId, command.GroupId, command.QueueId),
        ControlOperations.ExecuteMacro => Shape.Id(command.MacroId ?? Guid.Empty, "macroId"),
        ControlOperations.AddParticipant or ControlOperations.RemoveParticipant => Shape.Id(command.AgentId ?? Guid.Empty, "agentId"),
        ControlOperations.Tag => command.Labels is null && command.CustomAttributes is null ? Shape.Malformed("labels or customAttributes must be given.")
            : command.Labels?.Any(label => label is null) == true ? Shape.Malformed("labels has an empty name.") : null,
        ControlOperations.SetPriority => command.Priority is { } priority ? Shape.Defined(priority, "priority") : Shape.Malformed("priority is missing."),
        ControlOperations.Whisper => command.Text is null ? Shape.Malformed("text is missing.") : null,
        _ => null,
    };

    Outcome? CheckMany(ControlConversations command) => command.ConversationIds is not { Count: > 0 } named
        ? Shape.Malformed("conversationIds is empty.")
        : Shape.Counted(named.Count, "conversationIds", nameof(ConversationOptions.MaxBulk), limits.Value.MaxBulk)
            ?? Shape.Once(named, "conversationIds")
            ?? (command.Step is null == command.MacroId is null ? Shape.Malformed("Either an action or a macro is given.") : null)
            ?? (command.Step is { Operation: var operation } && (operation is ControlOperations.Post || !Macro.MayHave(operation))
                ? Outcome.Refused(ErrorCode.UnknownOperation, "There is no such operation for many conversations.")
                : null);

    /// <summary>What a tenant has not contracted no macro does for it. Whether the caller may use the macro its rules say.</summary>
    async Task<Answer?> RefuseMacroAsync(Caller caller, Guid? macro, CancellationToken cancellationToken)
    {
        var item = await items.FindItemAsync(caller.Tenant, new(ItemKind.Macro, macro ?? Guid.Empty), cancellationToken);
        var steps = item?.Read(ContractJson.Default.ShortcutState).Steps;
        var needed = (steps ?? []).Aggregate(Services.None, (all, step) => all | ServiceOf(step.Operation));
        return needed == Services.None ? null : await entitlements.RefuseAsync(caller.Tenant, needed, cancellationToken);
    }

    Outcome? CheckText(ControlConversation command) => command switch
    {
        { Text: null } => null,
        { Operation: ControlOperations.Whisper } => Shape.Utf8(command.Text, "text", nameof(ConversationOptions.MaxWhisperBytes), limits.Value.MaxWhisperBytes, mayBeEmpty: false, out _),
        _ => Shape.Utf8(command.Text, "text", nameof(ConversationOptions.MaxContentBytes), limits.Value.MaxContentBytes, mayBeEmpty: false, out _),
    };

    IConversationGrain Grain(Caller caller, Guid conversation) => grains.GetGrain<IConversationGrain>(caller.Tenant.KeyOf(conversation));
}
