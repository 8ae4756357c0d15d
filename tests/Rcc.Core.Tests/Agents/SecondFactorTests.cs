using System.Text;
using Rcc.Contracts.Sync;
using Rcc.Core.Access;
using Rcc.Core.Agents;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Agents;

/// <summary>Codes (RFC 6238), and the rules of who needs one.</summary>
public class SecondFactorTests
{
    static readonly byte[] Secret = "12345678901234567890"u8.ToArray();

    readonly RecoveryCodes codes = RecoveryCodes.Make();
    readonly AgentSnapshot agent = Agent.Create(
        Callers.Tenant, Guid.CreateVersion7(), null, null, new("Ben", "ben@example.com", Role.Agent, null, "hash"), null).Next!;

    Caller Self => Callers.Agent(agent.Id);

    /// <summary>RFC 6238 appendix B, SHA-1, the last six of its eight digits.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void A_code_is_that_of_the_RFC(long seconds, string code) => Assert.Equal(code, Totp.CodeOf(Secret, Totp.StepAt(DateTimeOffset.FromUnixTimeSeconds(seconds))));

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void A_code_counts_one_step_to_either_side(int steps, bool counts)
    {
        var step = Totp.StepAt(Callers.Noon) + steps;
        Assert.Equal(counts ? step : null, Totp.FindStep(Secret, Totp.CodeOf(Secret, step), Callers.Noon));
    }

    /// <summary>RFC 4648 §10.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Base_32_is_that_of_the_RFC(string text, string encoded) => Assert.Equal(encoded, Totp.Base32(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void An_authenticator_gets_issuer_account_and_secret() => Assert.Equal(
        "otpauth://totp/Acme%20%26%20Co:ben%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme%20%26%20Co&algorithm=SHA1&digits=6&period=30", Totp.UriOf(Secret, "Acme & Co", "ben@example.com"));

    [Fact]
    public void A_secret_asks_for_nothing_until_a_code_confirms_it()
    {
        var begun = Begin(agent);
        Assert.Null(SignIn(begun, new("hash"), default).Refusal);
        Assert.Equal(ErrorCode.Forbidden, Agent.ConfirmSecondFactor(Callers.Tenant, begun, Check(begun, "000000"), codes.Hashes).Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, Agent.ConfirmSecondFactor(Callers.Tenant, agent, default, codes.Hashes).Refusal!.Code);

        var decision = Agent.ConfirmSecondFactor(Callers.Tenant, begun, Check(begun, Code(0)), codes.Hashes);
        Assert.True(decision.Next!.State.SecondFactor);
        Assert.Equal("enable_second_factor", decision.Change!.Act!.Action);
        Assert.Equal(Audience.OfNobody, Assert.Single(decision.Change.Items, item => item.Key.Kind == ItemKind.SignIns).Home);
        Assert.Equal(ErrorCode.SecondFactorRequired, SignIn(decision.Next, new("hash"), default).Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, Agent.BeginSecondFactor(decision.Next, [1], "hash").Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, Agent.ConfirmSecondFactor(Callers.Tenant, decision.Next, Check(decision.Next, Code(1)), codes.Hashes).Refusal!.Code);
    }

    [Fact]
    public void A_code_signs_in_once_and_no_earlier_one_does_after_it()
    {
        var with = Enrolled();
        var signedIn = SignIn(with, Proof(Code(1)), Check(with, Code(1)));
        Assert.Contains(signedIn.Change!.Items, item => item.Key.Kind == ItemKind.SignIns && item.Revision == with.SignIns + 1);
        Assert.Equal(ErrorCode.Unauthenticated, SignIn(signedIn.Next!, Proof(Code(1)), Check(signedIn.Next!, Code(1))).Refusal!.Code);
        Assert.Equal(ErrorCode.Unauthenticated, SignIn(signedIn.Next!, Proof(Code(0)), Check(signedIn.Next!, Code(0))).Refusal!.Code);
        Assert.Equal(ErrorCode.Unauthenticated, SignIn(with, Proof("123"), Check(with, "123")).Refusal!.Code);
    }

    [Fact]
    public void A_recovery_code_signs_in_once_however_it_is_written()
    {
        var with = Enrolled();
        var typed = codes.Codes[3].Replace("-", " ", StringComparison.Ordinal).ToLowerInvariant();
        var signedIn = SignIn(with, Proof(typed), Check(with, typed)).Next!;
        Assert.Equal(9, signedIn.SecondFactor!.RecoveryHashes.Length);
        Assert.Equal(ErrorCode.Unauthenticated, SignIn(signedIn, Proof(typed), Check(signedIn, typed)).Refusal!.Code);
        Assert.Equal(10, codes.Codes.Distinct(StringComparer.Ordinal).Count());
        Assert.All(codes.Codes, code => Assert.Equal(19, code.Length));

        var renewed = Agent.RenewRecoveryCodes(signedIn, Check(signedIn, Code(1)), RecoveryCodes.Make().Hashes).Next!;
        Assert.Null(Check(renewed, codes.Codes[5]).Left);
        Assert.Equal(ErrorCode.Conflict, Agent.RenewRecoveryCodes(agent, default, codes.Hashes).Refusal!.Code);
    }

    [Fact]
    public void Who_must_have_a_second_factor_enrols_before_it_signs_in()
    {
        var required = Proof(null) with { SecondFactorIsOffered = true, SecondFactorIsRequired = true };
        Assert.Equal(ErrorCode.SecondFactorEnrolmentRequired, SignIn(agent, required, default).Refusal!.Code);
        var byManager = agent with { State = agent.State with { SecondFactorRequired = true } };
        Assert.Equal(ErrorCode.SecondFactorEnrolmentRequired, SignIn(byManager, Proof(null) with { SecondFactorIsOffered = true }, default).Refusal!.Code);
        Assert.Null(SignIn(byManager, Proof(null), default).Refusal);

        var begun = Begin(byManager);
        var confirming = Proof(Code(0)) with { RecoveryHashes = codes.Hashes };
        Assert.Equal(ErrorCode.Unauthenticated, SignIn(begun, confirming, Check(begun, "999999")).Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, SignIn(byManager, confirming, default).Refusal!.Code);
        var decision = SignIn(begun, confirming, Check(begun, Code(0)));
        Assert.True(decision.Next!.SecondFactor!.Confirmed);
        Assert.Single(decision.Next.Devices);
        Assert.Equal(ErrorCode.Conflict, SignIn(decision.Next, confirming, Check(decision.Next, Code(1))).Refusal!.Code);
    }

    [Fact]
    public void It_is_switched_off_by_a_code_and_not_while_it_is_required()
    {
        var with = Enrolled();
        Assert.Equal(ErrorCode.Forbidden, Agent.DisableSecondFactor(Callers.Tenant, with, Check(with, "000000"), isRequired: false).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Agent.DisableSecondFactor(Callers.Tenant, with, Check(with, Code(1)), isRequired: true).Refusal!.Code);
        Assert.Equal(
            ErrorCode.Forbidden,
            Agent.DisableSecondFactor(Callers.Tenant, with with { State = with.State with { SecondFactorRequired = true } }, Check(with, Code(1)), isRequired: false).Refusal!.Code);
        var without = Agent.DisableSecondFactor(Callers.Tenant, with, Check(with, Code(1)), isRequired: false).Next!;
        Assert.Equal((null, false), (without.SecondFactor, without.State.SecondFactor));
        Assert.Equal(ErrorCode.Conflict, Agent.DisableSecondFactor(Callers.Tenant, without, default, isRequired: false).Refusal!.Code);
    }

    [Fact]
    public void Whose_secret_cannot_be_opened_is_told_so_and_a_recovery_code_still_counts()
    {
        var with = Enrolled();
        var unreadable = with.SecondFactor!.Check(null, Code(1), Callers.Noon);
        Assert.Equal(new CodeCheck(null, IsLost: true), unreadable);
        Assert.Equal(ErrorCode.SecretLost, SignIn(with, Proof(Code(1)), unreadable).Refusal!.Code);
        Assert.Equal(ErrorCode.SecretLost, Agent.DisableSecondFactor(Callers.Tenant, with, unreadable, isRequired: false).Refusal!.Code);
        Assert.Equal(ErrorCode.SecretLost, Agent.RenewRecoveryCodes(with, unreadable, codes.Hashes).Refusal!.Code);
        Assert.Equal(ErrorCode.SecretLost, Agent.ConfirmSecondFactor(Callers.Tenant, Begin(agent), unreadable, codes.Hashes).Refusal!.Code);

        // What does not count without the secret is not looked at: a wrong password is told first.
        Assert.Equal(ErrorCode.Unauthenticated, SignIn(with, Proof(Code(1)) with { PasswordHash = "old" }, unreadable).Refusal!.Code);
        var recovered = SignIn(with, Proof(codes.Codes[0]), with.SecondFactor.Check(null, codes.Codes[0], Callers.Noon));
        Assert.Equal(9, recovered.Next!.SecondFactor!.RecoveryHashes.Length);
        Assert.Equal(ErrorCode.Unauthenticated, SignIn(with, Proof("AAAA-AAAA-AAAA-AAAA"), with.SecondFactor.Check(null, "AAAA-AAAA-AAAA-AAAA", Callers.Noon)).Refusal!.Code);
    }

    [Fact]
    [Trait("Catalogue", "RCC-36")]
    public void Only_who_manages_the_agent_takes_it_away_and_nobody_its_own()
    {
        var with = Enrolled();
        var administrator = Callers.Administrator();
        Assert.Equal(ErrorCode.Forbidden, Agent.ResetSecondFactor(Callers.Tenant, with, Self, null).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Agent.ResetSecondFactor(Callers.Tenant, with, Callers.Administrator(agent.Id), null).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Agent.ResetSecondFactor(Callers.Tenant, with, Callers.Master(), null).Refusal!.Code);
        var reset = Agent.ResetSecondFactor(Callers.Tenant, with, administrator, null);
        Assert.Null(reset.Next!.SecondFactor);
        Assert.Equal("reset_second_factor", reset.Change!.Act!.Action);
        Assert.Empty(Agent.ResetSecondFactor(Callers.Tenant, reset.Next, administrator, null).Change!.Items);
    }

    [Fact]
    public void What_is_stored_is_read_back()
    {
        var item = Assert.Single(SignIn(Enrolled(), Proof(Code(1)), Check(Enrolled(), Code(1))).Change!.Items, item => item.Key.Kind == ItemKind.SignIns);
        var read = SecondFactor.Read(item.State.AsSpan())!;
        Assert.True(read.Confirmed);
        Assert.Equal((Totp.StepAt(Callers.Noon) + 1, 10), (read.LastStep, read.RecoveryHashes.Length));
        Assert.Null(SecondFactor.Read("{}"u8));
    }

    [Theory]
    [InlineData("")]
    [InlineData("older")]
    public void One_is_begun_with_the_password_the_agent_has(string compared) =>
        Assert.Equal(ErrorCode.Forbidden, Agent.BeginSecondFactor(agent with { PasswordHash = compared.Length == 0 ? "" : "hash" }, [1], compared).Refusal!.Code);

    [Fact]
    public void An_agents_own_password_is_changed_with_the_one_it_has_or_a_code_which_is_used_up()
    {
        var with = Enrolled();
        Assert.Equal(ErrorCode.Forbidden, Change(with, null).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Change(with, new("older")).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Change(with with { PasswordHash = "" }, new("")).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Change(with, new("") { Code = "000000" }).Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, Change(Begin(agent), new("") { Code = Code(0) }).Refusal!.Code);
        Assert.Equal(("new", with.SignIns), (Change(with, Proof(null)).Next!.PasswordHash, Change(with, Proof(null)).Next!.SignIns));

        var changed = Change(with, new("") { Code = Code(1) }).Next!;
        Assert.Equal(("new", with.SignIns + 1, Totp.StepAt(Callers.Noon) + 1), (changed.PasswordHash, changed.SignIns, changed.SecondFactor!.LastStep));
        Assert.Equal(ErrorCode.Forbidden, Change(changed, new("") { Code = Code(1) }).Refusal!.Code);

        // Who manages the agent needs neither: the person has forgotten both.
        Assert.Equal("new", Agent.Edit(Callers.Tenant, with, Callers.Administrator(), new() { PasswordHash = "new" }, null, null, Callers.Noon).Next!.PasswordHash);
    }

    Decision<AgentSnapshot> Change(AgentSnapshot now, SignInProof? proof) => Agent.Edit(
        Callers.Tenant, now, Self, new() { PasswordHash = "new" }, null, null, Callers.Noon, proof, proof?.Code is { } code ? Check(now, code) : default);

    static string Code(int steps) => Totp.CodeOf(Secret, Totp.StepAt(Callers.Noon) + steps);

    static SignInProof Proof(string? code) => new("hash") { Code = code };

    static CodeCheck Check(AgentSnapshot now, string code) => now.SecondFactor?.Check(Secret, code, Callers.Noon) ?? default;

    static AgentSnapshot Begin(AgentSnapshot now) => Agent.BeginSecondFactor(now, [1, 2, 3], "hash").Next!;

    AgentSnapshot Enrolled()
    {
        var begun = Begin(agent);
        return Agent.ConfirmSecondFactor(Callers.Tenant, begun, Check(begun, Code(0)), codes.Hashes).Next!;
    }

    static Decision<AgentSnapshot> SignIn(AgentSnapshot now, SignInProof proof, CodeCheck code) =>
        Agent.SignIn(Callers.Tenant, now, new NewDevice(Guid.CreateVersion7(), "Desk", [1], Callers.Noon), proof, code, new());
}
