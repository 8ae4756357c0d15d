using System.Text.Json;
using Microsoft.Extensions.Options;
using Rcc.Core.Sync;

namespace Rcc.Core.Access;

/// <summary>Keeps in memory only what was recorded lately: a second live copy, or one that begins anew, can cost one act too many and never one too few.</summary>
[GrainType("refusals")]
internal sealed class RefusalGrain(TimeProvider clock, IOptions<AccessOptions> options) : Grain, IRefusalGrain
{
    readonly RecordedRefusals recorded = new(options.Value.RecordedRefusalsPerHour);

    public async Task<Answer> RecordAsync(Caller caller, RefusedCommand refused, CancellationToken cancellationToken)
    {
        var at = clock.GetUtcNow();
        if (!recorded.IsDue(refused.Operation, at))
        {
            return Answer.Done;
        }

        var detail = Act.Of(("operation", refused.Operation), ("code", JsonNamingPolicy.CamelCase.ConvertName(refused.Code.ToString())), ("left_out", recorded.LeftOut == 0 ? null : recorded.LeftOut));
        var result = await GrainFactory.GetGrain<ILogGrain>(caller.Tenant.Key).AppendAsync(
            new() { By = caller.Author, Act = new(refused.ObjectType, refused.ObjectId, "refused", detail) }, cancellationToken);

        // A device that was signed out, or a tenant suspended, in between: then nothing of theirs is recorded any more, this neither.
        if (result.Verdict == AppendVerdict.Accepted)
        {
            recorded.Record(refused.Operation, at);
        }

        return Answer.Done;
    }
}
