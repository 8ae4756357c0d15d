using Npgsql;
using static Rcc.Postgres.Tests.Embedded.EmbeddedPostgresTests;

namespace Rcc.Postgres.Tests;

public class PostgresFixtureTests
{
    [Fact]
    public async Task Each_database_is_its_own_and_all_end_with_the_fixture()
    {
        string folder;
        await using (var fixture = new PostgresFixture())
        {
            await fixture.InitializeAsync();
            folder = fixture.Server.DataFolder;
            var first = await fixture.CreateDatabaseAsync();
            var second = await fixture.CreateDatabaseAsync();
            await ExecuteAsync(first, "CREATE TABLE t (x int)");

            var missing = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(second, "SELECT x FROM t"));
            Assert.Equal(PostgresErrorCodes.UndefinedTable, missing.SqlState);
        }

        Assert.False(Directory.Exists(folder));
    }
}
