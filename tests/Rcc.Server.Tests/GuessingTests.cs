using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Rcc.Server.Access;

namespace Rcc.Server.Tests;

/// <summary>Whoever guesses from many addresses, or floods, is slowed down, and locks nobody out.</summary>
public sealed class GuessingTests(RunningServer server)
{
    [Fact]
    public async Task Guessing_one_name_from_many_addresses_is_slowed_down_and_holds_nobody_up_where_it_was_before()
    {
        var tenant = await Tenants.FirstAsync(server);
        await using var strict = await server.StartAnotherAsync("--Rcc:SignIn:AttemptsPerHourAndName=4");
        (await SignInAsync(2, tenant.AgentEmail, Tenant.Password)).Ok();
        for (var address = 3; address < 6; address++) (await SignInAsync(address, tenant.AgentEmail, "wrong password")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");

        (await SignInAsync(6, tenant.AgentEmail, Tenant.Password)).Refused(HttpStatusCode.TooManyRequests, "rateLimited");
        (await SignInAsync(2, tenant.AgentEmail, Tenant.Password)).Ok();
        (await SignInAsync(6, tenant.MasterEmail, Tenant.Password)).Ok();

        async Task<ApiAnswer> SignInAsync(int address, string email, string password)
        {
            using var http = From(address, strict.Address);
            return await new Api(http, null).SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", new { account = tenant.Slug, email, password });
        }
    }

    [Fact]
    public async Task After_too_many_unknown_credentials_from_an_address_only_known_ones_are_looked_up_for_it()
    {
        var tenant = await Tenants.FirstAsync(server);
        await using var strict = await server.StartAnotherAsync("--Rcc:SignIn:UnknownCredentialsPerMinuteAndAddress=3");
        using var flooding = From(7, strict.Address);
        using var elsewhere = From(8, strict.Address);
        var profile = $"{tenant.Path}/profile";
        (await new Api(flooding, tenant.Agent.Credential).GetAsync(profile)).Ok();
        for (var attempt = 0; attempt < 3; attempt++) (await new Api(flooding, Made()).GetAsync(profile)).Refused(HttpStatusCode.Unauthorized, "unauthenticated");

        // However often: a part of what is needed for one more is back at once.
        for (var again = Stopwatch.StartNew(); again.Elapsed < TimeSpan.FromSeconds(0.5);)
        {
            (await new Api(flooding, Made()).GetAsync(profile)).Refused(HttpStatusCode.TooManyRequests, "rateLimited");
        }

        (await new Api(flooding, tenant.Master.Credential).GetAsync(profile)).Refused(HttpStatusCode.TooManyRequests, "rateLimited");
        (await new Api(flooding, tenant.Agent.Credential).GetAsync(profile)).Ok();
        (await new Api(elsewhere, tenant.Master.Credential).GetAsync(profile)).Ok();
        (await new Api(flooding, tenant.Master.Credential).GetAsync(profile)).Ok();

        static string Made() => Secret.Make(SecretKind.Device).Reveal();
    }

    [Fact]
    public async Task A_flood_of_sign_ins_is_answered_busy_instead_of_making_everybody_wait()
    {
        await using var slow = await server.StartAnotherAsync("--Rcc:SignIn:MaxWaitingPasswords=1", "--Rcc:SignIn:PasswordRounds=2000000", "--Rcc:SignIn:AttemptsPerMinute=1000");
        using var http = new HttpClient { BaseAddress = slow.Address };
        var api = new Api(http, null);
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => api.SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", new { account = "nobody", email = "a@example.org", password = "wrong password" })));
        Assert.Equal(["busy", "unauthenticated"], answers.Select(answer => answer.Code).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        (await api.SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", new { account = "nobody", email = "a@example.org", password = "wrong password" })).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Theory]
    [InlineData("2001:db8:1:{0:x}::1", true)]
    [InlineData("2001:db8:{0:x}::1", false)]
    [InlineData("::ffff:198.51.100.{0}", false)]
    [InlineData("198.51.100.{0}", false)]
    public void One_network_of_IPv6_is_not_65536_addresses(string addresses, bool isOne)
    {
        using var limits = new SignInLimits(Options.Create(new SignInOptions { AttemptsPerMinuteAndNetwork = 5 }));
        var refused = Enumerable.Range(1, 20).Count(i => limits.RefuseAttempt(IPAddress.Parse(string.Format(System.Globalization.CultureInfo.InvariantCulture, addresses, i))) is not null);
        Assert.Equal(isOne ? 15 : 0, refused);
    }

    /// <summary>A client at another address of this machine.</summary>
    [Fact]
    public async Task A_proxy_is_believed_who_asks_and_nobody_else_is()
    {
        var tenant = await Tenants.FirstAsync(server);
        await using var behind = await server.StartAnotherAsync("--Rcc:SignIn:InboxLooksPerMinuteAndAddress=2", "--Rcc:Proxy:Networks=10.0.0.0/8, 127.0.0.9/32");
        using var proxy = From(9, behind.Address);
        using var other = From(10, behind.Address);
        for (var person = 1; person <= 2; person++)
        {
            // What a person adds itself stands before what the proxy says.
            (await LookAsync(proxy, $"198.51.100.7, 203.0.113.{person}")).Ok();
            (await LookAsync(proxy, $"198.51.100.8, 203.0.113.{person}")).Ok();
            (await LookAsync(proxy, $"198.51.100.9, 203.0.113.{person}")).Refused(HttpStatusCode.TooManyRequests, "rateLimited");
        }

        (await LookAsync(other, "203.0.113.3")).Ok();
        (await LookAsync(other, "203.0.113.4")).Ok();
        (await LookAsync(other, "203.0.113.5")).Refused(HttpStatusCode.TooManyRequests, "rateLimited");

        Task<ApiAnswer> LookAsync(HttpClient http, string forwardedFor) =>
            new Api(http, null).SendAsync(HttpMethod.Get, $"/public/api/v1/inboxes/{tenant.InboxIdentifier}", null, ("X-Forwarded-For", forwardedFor));
    }

    [Fact]
    public void A_network_of_proxies_that_is_none_is_refused_by_name()
    {
        var wrong = Assert.Single(new ProxyOptions { Networks = "10.0.0.0/8,ingress" }.Validate(new(new object())));
        Assert.Equal("Rcc:Proxy:Networks has 'ingress', which is no network such as 10.0.0.0/8.", wrong.ErrorMessage);
        Assert.Null(new ProxyOptions().ToForwardedHeaders());
    }

    static HttpClient From(int address, Uri server) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, (byte)address]), 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    }) { BaseAddress = server };
}
