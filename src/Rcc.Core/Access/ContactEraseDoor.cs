using Rcc.Contracts;
using Rcc.Core.Conversations;
using Rcc.Core.Customers;
using Rcc.Core.Sync;

namespace Rcc.Core.Access;

/// <summary>
/// The door to erasing a customer. Everything that says who it is goes for ever: name, addresses, identifier, labels, attributes and context, of all that was merged into it, its name in its conversations, its sessions and what
/// their devices were called.
/// What was said stays as the account's record, without saying by whom; so do the numbers of its conversations.
/// </summary>
public sealed class ContactEraseDoor(IGrainFactory grains, ICustomerStore customers, IConversationStore conversations, Admission admission)
{
    const int Page = 100;

    /// <summary>Answers when all of it is gone. When it did not get to the end, repeating it does the rest. <see cref="ErrorCode.Conflict"/> while the customer has an open conversation.</summary>
    public Task<Outcome> EraseAsync(Caller caller, Guid contact, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new("erase", contact, ""), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        refusal = Permission.RequireAdministratorOr(caller, Scopes.ContactsErase) ?? refusal ?? Shape.Id(contact, "contact_id");
        return admission.CommandAsync(caller, refusal, async () =>
        {
            if (await customers.ResolveAsync(caller.Tenant, contact, cancellationToken) is not { } found)
            {
                return Contact.NotFound;
            }

            var answer = await grains.GetGrain<ICustomerGrain>(caller.Tenant.KeyOf(found)).EraseAsync(caller, key, cancellationToken);
            return answer.IsOk ? await ForgetNameAsync(caller.Tenant, found, cancellationToken) ?? answer : answer;
        });
    }

    /// <summary>Takes the name out of all conversations; null when none has it any more. Nobody can open another: the contact is erased already.</summary>
    async Task<Answer?> ForgetNameAsync(TenantId tenant, Guid contact, CancellationToken cancellationToken)
    {
        var query = new ConversationQuery { ContactId = contact, WithMerged = true, Limit = Page };
        while (true)
        {
            var page = await conversations.ListAsync(tenant, query, cancellationToken);
            foreach (var conversation in page.Where(one => one.State.ContactName is not null))
            {
                var answer = await grains.GetGrain<IConversationGrain>(tenant.KeyOf(conversation.Id)).ForgetContactAsync(cancellationToken);
                if (!answer.IsOk)
                {
                    return answer;
                }
            }

            if (page.Count < Page)
            {
                return null;
            }

            query = query with { Before = page[^1].State.DisplayId };
        }
    }
}
