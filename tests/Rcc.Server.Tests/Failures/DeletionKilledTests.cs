using System.Globalization;
using Npgsql;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests.Failures;

/// <summary>A server that is killed while it erases.</summary>
[Collection(nameof(Failures))]
[Trait("Catalogue", "RCC-32")]
public sealed class DeletionKilledTests(Databases databases)
{
    const int Messages = 3_000;

    [Fact]
    public async Task When_the_server_is_killed_while_it_erases_an_account_it_goes_on_after_its_restart()
    {
        var database = await databases.CreateAsync();
        await using var source = NpgsqlDataSource.Create(database);
        await using var server = await ServerProcess.OnDatabaseAsync(
            database, "--Rcc:Tenants:DeletionWait=00:00:00", "--Rcc:Tenants:ErasureInterval=00:00:00.05", "--Rcc:Tenants:ErasedRows=10");
        var platform = await server.BecomeOperatorAsync();
        var (company, other) = (await Company.MakeAsync(server, platform, agents: 1), await Company.MakeAsync(server, platform, agents: 1));
        var conversation = await TalkAsync(server, company);
        var kept = await TalkAsync(server, other);

        // As many as it takes to be killed among them.
        await ExecuteAsync(
            source,
            """
            INSERT INTO message (tenant, conversation, lane, seq, modseq, message_id, person, role, at, content_type, content)
            SELECT tenant, conversation, lane, seq + n, modseq, gen_random_uuid(), person, role, at, content_type, content
            FROM message, generate_series(1, $2) AS n WHERE tenant = $1
            """,
            company.Id,
            Messages);

        (await platform.SendAsync(HttpMethod.Delete, $"/platform/api/v1/accounts/{company.Id}")).Ok();
        await Until.TrueAsync(async () => await LeftAsync(source, company.Id, conversation) < Messages, () => "erasing has begun with the messages");
        await server.KillAsync();
        var left = await LeftAsync(source, company.Id, conversation);
        Assert.InRange(left, 1, Messages);

        await server.StartAsync();

        await Until.TrueAsync(async () => await LeftAsync(source, company.Id) == 0, () => "the account's own row is gone");
        Assert.Equal(0, await LeftAsync(source, company.Id, conversation));
        Assert.Equal(1, await LeftAsync(source, other.Id, kept));
        (await platform.GetAsync($"/platform/api/v1/accounts/{company.Id}")).Refused(System.Net.HttpStatusCode.NotFound, "notFound");
        (await platform.GetAsync($"/platform/api/v1/accounts/{other.Id}")).Ok();
    }

    static async Task<Guid> TalkAsync(ServerProcess server, Company company)
    {
        await using var customer = new BareDevice(server, await company.BeginAsync(server));
        await customer.ConnectedAsync();
        var conversation = await customer.OpenConversationAsync();
        await customer.PostAsync(conversation, "hello");
        return conversation;
    }

    static Task<long> LeftAsync(NpgsqlDataSource source, Guid tenant, Guid conversation) =>
        ScalarAsync(source, "SELECT count(*) FROM message WHERE tenant = $1 AND conversation = $2", tenant, conversation);

    static Task<long> LeftAsync(NpgsqlDataSource source, Guid tenant) => ScalarAsync(source, "SELECT count(*) FROM tenant WHERE id = $1", tenant);

    static async Task<long> ScalarAsync(NpgsqlDataSource source, string sql, params object[] parameters)
    {
        await using var command = CommandOf(source, sql, parameters);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    static async Task ExecuteAsync(NpgsqlDataSource source, string sql, params object[] parameters)
    {
        await using var command = CommandOf(source, sql, parameters);
        await command.ExecuteNonQueryAsync();
    }

    static NpgsqlCommand CommandOf(NpgsqlDataSource source, string sql, object[] parameters)
    {
        var command = source.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        return command;
    }
}
