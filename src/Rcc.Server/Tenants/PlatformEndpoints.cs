using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Contracts;
using Rcc.Core.Access;
using Rcc.Server.Access;

namespace Rcc.Server.Tenants;

/// <summary>The platform operator's side: signing in, onboarding and suspending accounts. It sees nothing inside them.</summary>
internal static class PlatformEndpoints
{
    public static void MapPlatform(this IEndpointRouteBuilder platform)
    {
        var auth = platform.MapGroup("/auth").WithTags("platform");
        auth.MapPost("/sign_in", SignInAsync).AllowAnonymous().WithName("operatorSignIn").WithSummary("Signs the platform operator in.");
        auth.MapPost("/sign_out", SignOutAsync).WithName("operatorSignOut").WithSummary("Ends the operator's session.");

        var accounts = platform.MapGroup("/accounts").WithTags("platform");
        accounts.MapGet("", ListAsync).WithName("listAccounts").WithSummary("Lists accounts, oldest first.");
        accounts.MapPost("", OnboardAsync).WithName("createAccount").WithSummary("Makes an account with its first administrator, who has a password or is invited.");
        accounts.MapGet("/{account_id:guid}", FindAsync).WithName("getPlatformAccount").WithSummary("One account.");
        accounts.MapPut("/{account_id:guid}/plan", SetPlanAsync).WithName("setAccountPlan")
            .WithSummary("Changes what was agreed with the account: quotas, services, share. It counts everywhere within a second.");
        accounts.MapGet("/{account_id:guid}/usage", FindUsageAsync).WithName("getPlatformAccountUsage").WithSummary("What an account has and uses.");
        accounts.MapPost("/{account_id:guid}/suspend", SuspendAsync).WithName("suspendAccount")
            .WithSummary("Refuses everything of the account, at once, on live connections too; answers when every server does.");
        accounts.MapPost("/{account_id:guid}/resume", ResumeAsync).WithName("resumeAccount").WithSummary("Lets a suspended account work again.");
        accounts.MapDelete("/{account_id:guid}", DeleteAsync).WithName("deleteAccount")
            .WithSummary("Asks for the account's deletion. It works on until deletes_at; after that nothing of it resolves, and everything of it is erased.");
        accounts.MapPost("/{account_id:guid}/cancel_deletion", CancelDeletionAsync).WithName("cancelAccountDeletion").WithSummary("Cancels a deletion that still waits.");
        accounts.MapPost("/{account_id:guid}/master_agents", AddMasterAgentAsync).WithName("createMasterAgent").WithSummary("Makes a further master agent of an account.");
        accounts.MapPost("/{account_id:guid}/administrators", AddAdministratorAsync).WithName("createAdministrator").WithSummary("Makes a further administrator of an account.");
    }

    static async Task<Results<Ok<OperatorSession>, Refusal>> SignInAsync(
        OperatorSignIn body, HttpContext http, PlatformDoor door, OperatorDoor operators, Passwords passwords, SignInLimits limits, CancellationToken cancellationToken)
    {
        if (body.Name.Length > SignIn.MaxLength || body.Password.Length > SignIn.MaxPasswordLength)
            return Refusals.Refuse(ErrorCode.Unauthenticated, OperatorSignIn.Wrong);
        if (limits.RefuseAttempt($"\n{body.Name}", http.Connection.RemoteIpAddress) is { } tooMany) return new Refusal(tooMany);

        var login = await door.FindLoginAsync(body.Name, cancellationToken);
        if (!await passwords.VerifyAsync(login?.PasswordHash, body.Password, cancellationToken) || login is null)
        {
            // Where it cannot be recorded, it is not answered as if it were.
            return login is not null && await operators.RecordFailedSignInAsync(login, cancellationToken) is { IsOk: false } unrecorded
                ? new Refusal(unrecorded)
                : Refusals.Refuse(ErrorCode.Unauthenticated, OperatorSignIn.Wrong);
        }

        limits.Remember($"\n{body.Name}", http.Connection.RemoteIpAddress);
        var credential = Secret.Make(SecretKind.Operator);
        var outcome = await door.BeginSessionAsync(login, credential.Hash.AsMemory(), cancellationToken);
        return outcome.IsOk ? TypedResults.Ok(new OperatorSession(credential.Reveal(), outcome.At)) : new Refusal(outcome);
    }

    static async Task<Results<NoContent, Refusal>> SignOutAsync(SignedInOperator caller, PlatformDoor door, CancellationToken cancellationToken) =>
        (await door.EndSessionAsync(caller.Credential.Hash.AsMemory(), cancellationToken)).ToNoContent();

    static Task<Results<Ok<Page<Account>>, Refusal>> ListAsync(
        SignedInOperator caller, PlatformDoor door, [AsParameters] PageParameters page, CancellationToken cancellationToken) =>
        page.ReadAsync(from => door.ListAsync(caller, from, cancellationToken), Account.Of, a => a.Id.Value);

    static Task<Results<Created<CreatedWithInvitation>, Refusal>> OnboardAsync(
        SignedInOperator caller, PlatformDoor door, Passwords passwords, NewAccount body, CancellationToken cancellationToken) => AddAsync(
        body.MasterAgent,
        passwords,
        master => door.OnboardAsync(caller, new() { Name = body.Name, Slug = body.Slug, Master = master, Terms = body.Plan?.ToTerms() ?? new() }, cancellationToken),
        cancellationToken);

    static async Task<Results<Ok<Account>, Refusal>> FindAsync(
        SignedInOperator caller, PlatformDoor door, [FromRoute(Name = "account_id")] Guid accountId, CancellationToken cancellationToken) =>
        (await door.FindAsync(caller, new(accountId), cancellationToken)).ToResult(Account.Of);

    static async Task<Results<NoContent, Refusal>> SetPlanAsync(
        SignedInOperator caller, PlatformDoor door, [FromRoute(Name = "account_id")] Guid accountId, AccountPlan body, CancellationToken cancellationToken) =>
        (await door.SetTermsAsync(caller, new(accountId), body.ToTerms(), cancellationToken)).ToNoContent();

    static async Task<Results<Ok<AccountUsage>, Refusal>> FindUsageAsync(
        SignedInOperator caller, PlatformDoor door, [FromRoute(Name = "account_id")] Guid accountId, CancellationToken cancellationToken) =>
        (await door.FindUsageAsync(caller, new(accountId), cancellationToken)).ToResult(AccountUsage.Of);

    static async Task<Results<NoContent, Refusal>> SuspendAsync(
        SignedInOperator caller, PlatformDoor door, [FromRoute(Name = "account_id")] Guid accountId, CancellationToken cancellationToken) =>
        (await door.SetSuspendedAsync(caller, new(accountId), suspended: true, cancellationToken)).ToNoContent();

    static async Task<Results<NoContent, Refusal>> ResumeAsync(
        SignedInOperator caller, PlatformDoor door, [FromRoute(Name = "account_id")] Guid accountId, CancellationToken cancellationToken) =>
        (await door.SetSuspendedAsync(caller, new(accountId), suspended: false, cancellationToken)).ToNoContent();

    static async Task<Results<Ok<AccountDeletion>, Refusal>> DeleteAsync(
        SignedInOperator caller, PlatformDoor door, [FromRoute(Name = "account_id")] Guid accountId, CancellationToken cancellationToken) =>
        (await door.DeleteAsync(caller, new(accountId), cancellationToken)).ToResult(deletion => new AccountDeletion(deletion.At));

    static async Task<Results<NoContent, Refusal>> CancelDeletionAsync(
        SignedInOperator caller, PlatformDoor door, [FromRoute(Name = "account_id")] Guid accountId, CancellationToken cancellationToken) =>
        (await door.CancelDeletionAsync(caller, new(accountId), cancellationToken)).ToNoContent();

    static Task<Results<Created<CreatedWithInvitation>, Refusal>> AddMasterAgentAsync(
        SignedInOperator caller,
        PlatformDoor door,
        Passwords passwords,
        [FromRoute(Name = "account_id")] Guid accountId,
        NewMasterAgent body,
        CancellationToken cancellationToken) =>
        AddAsync(body, passwords, agent => door.AddMasterAgentAsync(caller, new(accountId), agent, cancellationToken), cancellationToken);

    static Task<Results<Created<CreatedWithInvitation>, Refusal>> AddAdministratorAsync(
        SignedInOperator caller,
        PlatformDoor door,
        Passwords passwords,
        [FromRoute(Name = "account_id")] Guid accountId,
        NewMasterAgent body,
        CancellationToken cancellationToken) =>
        AddAsync(body, passwords, agent => door.AddAdministratorAsync(caller, new(accountId), agent, cancellationToken), cancellationToken);

    /// <summary>Without a password it is invited: the operator passes on what it is sent, and never knows what it signs in with.</summary>
    static async Task<Results<Created<CreatedWithInvitation>, Refusal>> AddAsync(
        NewMasterAgent agent, Passwords passwords, Func<MasterAgentOfAccount, Task<Outcome>> add, CancellationToken cancellationToken)
    {
        if (agent.Password is not { } password)
        {
            var secret = Secret.Make(SecretKind.Invitation);
            return (await add(new(agent.Name, agent.Email, "") { InvitationHash = secret.Hash })).ToCreated(o => new CreatedWithInvitation(Answers.IdOf(o), secret.Reveal(), o.At));
        }

        return passwords.Refuse(password) is { } refusal
            ? new Refusal(refusal)
            : (await add(new(agent.Name, agent.Email, await passwords.HashAsync(password, cancellationToken)))).ToCreated(o => new CreatedWithInvitation(Answers.IdOf(o)));
    }
}

/// <summary>The operator who signs in.</summary>
internal sealed record OperatorSignIn(string Name, string Password)
{
    public const string Wrong = "The name or password is wrong.";
}

/// <summary>The operator's session, and when it ends (UTC).</summary>
internal sealed record OperatorSession(string AccessToken, DateTimeOffset? ExpiresAt);

/// <summary>A deletion that waits.</summary>
/// <param name="DeletesAt">When the account ends (UTC).</param>
internal sealed record AccountDeletion(DateTimeOffset DeletesAt);

/// <summary>An account to make.</summary>
/// <param name="Name">Its name for people: 1 … 100 characters.</param>
/// <param name="Slug">Its name for signing in, unique on the server: 1 … 40 of <c>a–z 0–9 -</c>.</param>
/// <param name="MasterAgent">Its first administrator, who may run teams as master agents do.</param>
/// <param name="Plan">What was agreed with it; absent: everything, within the server's limits.</param>
internal sealed record NewAccount(string Name, string Slug, NewMasterAgent MasterAgent, AccountPlan? Plan = null);

/// <summary>A master agent or administrator to make.</summary>
/// <param name="Name">1 … 100 characters; who is invited says its own when it comes.</param>
/// <param name="Email">What it signs in with.</param>
/// <param name="Password">What it signs in with; absent: it is invited, and chooses one itself.</param>
internal sealed record NewMasterAgent(string Name, string Email, string? Password = null);

/// <summary>What was made, and the invitation of who is to come, if there is one.</summary>
/// <param name="Id">What was made.</param>
/// <param name="InvitationToken">To be sent to the person, which accepts at <c>/auth/invitation/accept</c>. Shown this once; null: it has a password.</param>
/// <param name="InvitationExpiresAt">Until when (UTC).</param>
internal sealed record CreatedWithInvitation(Guid Id, string? InvitationToken = null, DateTimeOffset? InvitationExpiresAt = null);
