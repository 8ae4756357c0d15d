using System.Text.Json;
using Microsoft.Extensions.Options;
using Rcc.Core.Sync;

namespace Rcc.Core.Access;

/// <summary>Keeps in memory only what was recorded lately: a second live copy, or one that begins anew, can cost one act too many and never one too few.</summary>
[GrainType("refusals")]
internal sealed class RefusalGrain(TimeProvider clock, IOptions<AccessOptions> options) : Grain, IRefusalGrain
{
    readonly RecordedRefusals commands = new(options.Value.RecordedRefusalsPerHour);

    // Of their own: whoever guesses passwords must not use up what the agent itself may be recorded for.
    readonly RecordedRefusals signIns = new(options.Value.RecordedRefusalsPerHour);

    public Task<Answer> RecordAsync(Caller caller, RefusedCommand refused, CancellationToken cancellationToken) => RecordAsync(
        commands,
        refused.Operation,
        leftOut => new()
        {
            By = caller.Author,
            Act = new(refused.ObjectType, refused.ObjectId, "refused", Act.Of(("operation", refused.Operation), ("code", Word(refused.Code)), ("left_out", leftOut))),
        });

    public Task<Answer> RecordSignInAsync(ErrorCode why, CancellationToken cancellationToken) => RecordAsync(
        signIns, Word(why), leftOut => new() { Act = new("agent", TenantId.ParseOf(this.GetPrimaryKeyString()).Id, "sign_in_failed", Act.Of(("code", Word(why)), ("left_out", leftOut))) });

    async Task<Answer> RecordAsync(RecordedRefusals recorded, string operation, Func<int?, Proposal> make)
    {
        var at = clock.GetUtcNow();
        if (!recorded.IsDue(operation, at))
        {
            return Answer.Done;
        }

        var tenant = TenantId.ParseOf(this.GetPrimaryKeyString()).Tenant;
        var result = await GrainFactory.GetGrain<ILogGrain>(tenant.Key).AppendAsync(make(recorded.LeftOut == 0 ? null : recorded.LeftOut), CancellationToken.None);

        // A device that was signed out, or a tenant suspended, in between: then nothing of theirs is recorded any more, this neither.
        if (result.Verdict == AppendVerdict.Accepted)
        {
            recorded.Record(operation, at);
        }

        return Answer.Done;
    }

    static string Word(ErrorCode code) => JsonNamingPolicy.CamelCase.ConvertName(code.ToString());
}
