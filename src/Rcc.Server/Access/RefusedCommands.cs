using Microsoft.AspNetCore.Http.Features;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Core;
using Rcc.Core.Access;

namespace Rcc.Server.Access;

/// <summary>
/// Tells the action record what was refused for want of a right or a service, whatever door refused it: here, where all requests of an account pass, no new route can forget to. Before the answer is written.
/// Reads are not recorded, and what is done with each message is not (<see cref="Unrecorded"/>).
/// </summary>
internal sealed class RefusedCommands(RefusalDoor door) : IEndpointFilter
{
    /// <summary>Marks an endpoint whose refusals are not recorded.</summary>
    public sealed class Unrecorded;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var result = await next(context);
        var http = context.HttpContext;
        if ((result is INestedHttpResult nested ? nested.Result : result) is Refusal { Outcome.Code: var code }
            && !HttpMethods.IsGet(http.Request.Method)
            && http.GetEndpoint() is RouteEndpoint endpoint && endpoint.Metadata.GetMetadata<Unrecorded>() is null
            && endpoint.Metadata.GetMetadata<IEndpointNameMetadata>() is { EndpointName: var operation })
        {
            var caller = http.Features.GetRequiredFeature<Caller>();
            var (type, id) = ObjectOf(endpoint, http, caller);
            await door.RecordAsync(caller, new(operation, type, id, code));
        }

        return result;
    }

    /// <summary>The first thing that the path names; the account where it names none.</summary>
    static (string Type, Guid Id) ObjectOf(RouteEndpoint endpoint, HttpContext http, Caller caller)
    {
        const string suffix = "_id";
        foreach (var parameter in endpoint.RoutePattern.Parameters)
        {
            if (parameter.Name is not AccountOfPath.Parameter && parameter.Name.EndsWith(suffix, StringComparison.Ordinal)
                && Guid.TryParse(http.GetRouteValue(parameter.Name) as string, out var id))
            {
                return (parameter.Name[..^suffix.Length], id);
            }
        }

        return ("account", caller.Tenant.Value);
    }
}

/// <summary>The same for commands that come by the hub, and for those that are many in one.</summary>
internal static class RefusedControls
{
    const string BulkOperation = "controlConversations";

    /// <summary>The outcome, once the record knows of it.</summary>
    public static async Task<Outcome> RecordAsync(this RefusalDoor door, Caller caller, string operation, string objectType, Guid objectId, Task<Outcome> answer)
    {
        var outcome = await answer;
        await door.RecordAsync(caller, new(operation, objectType, objectId, outcome.Code));
        return outcome;
    }

    /// <summary>What became of many, once the record knows of it: of one operation it keeps one refusal.</summary>
    public static async Task<ControlledConversations> RecordAsync(this RefusalDoor door, Caller caller, Task<ControlledConversations> answer)
    {
        var done = await answer;
        var refused = done.Results.Select(one => new RefusedCommand(BulkOperation, "conversation", one.ConversationId, one.Outcome.Code)).FirstOrDefault(one => one.IsRecorded);
        await door.RecordAsync(caller, refused ?? new(BulkOperation, "account", caller.Tenant.Value, done.Outcome.Code));
        return done;
    }
}
