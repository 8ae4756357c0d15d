using Rcc.Postgres.Embedded;

namespace Rcc.Postgres.Tests.Embedded;

public class EmbeddedPostgresOptionsTests
{
    [Fact]
    public void Every_mistake_is_named_at_once()
    {
        var options = new EmbeddedPostgresOptions
        {
            DataFolder = " ",
            CacheFolder = "",
            Database = "my-db",
            MaxConnections = 9,
            SharedBuffersMiB = 1,
            MaxWalMiB = 1,
            MaxLogBytes = 1,
            StartTimeout = TimeSpan.Zero,
            StopTimeout = TimeSpan.FromHours(1),
            Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["PORT"] = "1" },
        };

        var message = Assert.Throws<EmbeddedPostgresException>(options.Validate).Message;

        foreach (var part in new[]
        {
            "DataFolder is empty", "CacheFolder is empty", "Database is 'my-db'", "MaxConnections is 9; it goes from 10 to 10000", "SharedBuffersMiB is 1",
            "MaxWalMiB is 1", "MaxLogBytes is 1", "StartTimeout is 00:00:00", "StopTimeout is 01:00:00", "Settings names 'PORT'",
        })
        {
            Assert.Contains(part, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_defaults_are_valid() => new EmbeddedPostgresOptions { DataFolder = "data" }.Validate();
}
