using System.Net;

namespace Rcc.Server.Tests;

/// <summary>Who works in an account: what managers say of their agents.</summary>
public sealed class PeopleTests(RunningServer server)
{
    [Fact]
    public async Task A_manager_says_what_an_agent_is_good_at_and_how_much_it_takes()
    {
        var tenant = await Tenant.MakeAsync(server);
        var agent = $"{tenant.Path}/agents/{tenant.Agent.Id}";
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, agent, new { skills = new[] { "French", "Billing" }, capacity = 3 })).Ok();
        var listed = (await tenant.Agent.Api.GetAsync($"{tenant.Path}/profile")).Ok().Json;
        Assert.Equal(["French", "Billing"], listed.GetProperty("skills").EnumerateArray().Select(s => s.GetString()));
        Assert.Equal(3, listed.GetProperty("capacity").GetInt32());

        (await tenant.Agent.Api.SendAsync(HttpMethod.Patch, agent, new { capacity = 9 })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, agent, new { use_default_capacity = true })).Ok();
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await tenant.Agent.Api.GetAsync(agent)).Ok().Json.GetProperty("capacity").ValueKind);
    }

    [Fact]
    public async Task Skills_and_capacity_over_their_limits_name_the_limit()
    {
        var tenant = await Tenants.FirstAsync(server);
        await RefusedAsync(new { skills = Enumerable.Range(0, 51).Select(n => $"Skill {n}").ToArray() }, HttpStatusCode.RequestEntityTooLarge, "tooLarge", "MaxSkills is 50");
        await RefusedAsync(new { skills = new[] { new string('x', 51) } }, HttpStatusCode.RequestEntityTooLarge, "tooLarge", "the limit is 50");
        await RefusedAsync(new { skills = new[] { "French", "french" } }, HttpStatusCode.BadRequest, "malformed", "twice");
        await RefusedAsync(new { skills = new[] { " " } }, HttpStatusCode.BadRequest, "malformed", "empty");
        await RefusedAsync(new { capacity = 1_001 }, HttpStatusCode.RequestEntityTooLarge, "tooLarge", "MaxCapacity");
        await RefusedAsync(new { capacity = -1 }, HttpStatusCode.RequestEntityTooLarge, "tooLarge", "0 … 1000");
        await RefusedAsync(new { capacity = 1, use_default_capacity = true }, HttpStatusCode.BadRequest, "malformed", "not both");

        async Task RefusedAsync(object change, HttpStatusCode status, string code, string part)
        {
            var refused = (await tenant.Master.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/agents/{tenant.Agent.Id}", change)).Refused(status, code);
            Assert.Contains(part, refused.Text("detail"), StringComparison.Ordinal);
        }
    }
}
