using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Customers;
using Rcc.Core.Devices;
using Rcc.Core.Routing;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Postgres.Sync;

/// <summary>Rows of the rooms' tables as <c>append_rows</c> takes them: by table, each with the index of its proposal and its columns by name.</summary>
static class RowJson
{
    /// <summary>Null when the proposals have no rows. <paramref name="acts"/> are the proposals with an act, by index from 1, and the number it takes within the run.</summary>
    public static string? Write(List<Proposal> proposals, List<(int Of, int Offset)> acts)
    {
        var tables = new JsonObject();
        for (var at = 0; at < proposals.Count; at++)
        {
            foreach (var row in proposals[at].Rows)
            {
                var (table, columns) = ColumnsOf(row);
                columns["of"] = at + 1;
                if (tables[table] is not JsonArray rows)
                {
                    tables[table] = rows = [];
                }

                rows.Add((JsonNode)columns);
            }
        }

        if (acts.Count > 0)
        {
            tables["act"] = new JsonArray([.. acts.Select(act => (JsonNode)ColumnsOf(proposals[act.Of - 1], act.Of, act.Offset))]);
        }

        return tables.Count == 0 ? null : tables.ToJsonString();
    }

    static JsonObject ColumnsOf(Proposal proposal, int of, int offset) => new()
    {
        ["of"] = of,
        ["offset"] = offset,
        ["id"] = Guid.CreateVersion7(),
        ["person"] = (proposal.By ?? proposal.Act!.Newcomer)?.PersonId,
        ["device"] = (proposal.By ?? proposal.Act!.Newcomer)?.DeviceId,
        ["operator"] = proposal.Act!.OperatorId,
        ["object_type"] = proposal.Act.ObjectType,
        ["object_id"] = proposal.Act.ObjectId,
        ["action"] = proposal.Act.Action,
        ["detail"] = proposal.Act.Detail,
        ["changes"] = proposal.Act.Changes.IsEmpty ? null : new JsonObject(proposal.Act.Changes.Select(change => KeyValuePair.Create(change.Member, (JsonNode?)ValuesOf(change)))),
    };

    /// <summary>What there was not, and what is not kept, is absent.</summary>
    static JsonObject ValuesOf(ActChange change)
    {
        var values = new JsonObject();
        if (change.From is { } from)
        {
            values["from"] = JsonNode.Parse(from);
        }

        if (change.To is { } to)
        {
            values["to"] = JsonNode.Parse(to);
        }

        if (change.IsCut)
        {
            values["cut"] = true;
        }

        return values;
    }

    static (string Table, JsonObject Columns) ColumnsOf(RowWrite row) => row switch
    {
        TenantRow tenant => ("tenant", new()
        {
            ["name"] = tenant.Name,
            ["slug"] = tenant.Slug,
            ["suspended"] = tenant.Suspended,
            ["terms"] = JsonSerializer.SerializeToNode(tenant.Terms, TenantJson.Default.Terms),
            ["branding"] = JsonSerializer.SerializeToNode(tenant.Branding, TenantJson.Default.Branding),
            ["policies"] = JsonSerializer.SerializeToNode(tenant.Policies, TenantJson.Default.TenantPolicies),
            ["deletes_at"] = tenant.Deletion?.At,
            ["deletes_by"] = tenant.Deletion?.OperatorId,
            ["ended"] = tenant.Ended,
        }),
        DeviceRow device => ("device", new()
        {
            ["id"] = device.Id,
            ["person"] = device.PersonId,
            ["role"] = (int)device.Role,
            ["name"] = device.Name,
            ["credential_hash"] = Convert.ToHexString(device.CredentialHash.AsSpan()),
            ["signed_in_at"] = device.SignedInAt,
            ["signed_out_at"] = device.SignedOutAt,
            ["inbox"] = device.InboxId,
            ["scopes"] = (int)device.Scopes,
            ["expires_at"] = device.ExpiresAt,
        }),
        KeyRotationRow rotation => ("key_rotation", new()
        {
            ["id"] = rotation.Id,
            ["credential_hash"] = Convert.ToHexString(rotation.CredentialHash.AsSpan()),
            ["previous_until"] = rotation.PreviousUntil,
        }),
        DeviceSignOutRow signOut => ("device_sign_out", new()
        {
            ["id"] = signOut.Id,
            ["signed_out_at"] = signOut.SignedOutAt,
            ["name"] = signOut.ForgetsName ? DeviceSignOutRow.NoName : null,
        }),
        AgentRow agent => ("agent", new()
        {
            ["id"] = agent.Id,
            ["email"] = agent.Email?.ToLowerInvariant(),
            ["name"] = agent.Name,
            ["role"] = (int)agent.Role,
            ["group_id"] = agent.GroupId,
            ["created_by"] = agent.CreatedBy,
            ["password_hash"] = agent.PasswordHash,
            ["availability"] = (int)agent.Availability,
            ["suspended"] = agent.Suspended,
            ["skills"] = new JsonArray([.. agent.Skills]),
            ["capacity"] = agent.Capacity,
            ["controls"] = (int?)agent.Controls,
            ["removed"] = agent.Removed,
            ["availability_inferred"] = agent.AvailabilityInferred,
            ["availability_until"] = agent.AvailabilityUntil,
            ["invitation_hash"] = agent.Invitation is { } invitation ? Convert.ToHexString(invitation.Hash.AsSpan()) : null,
            ["invitation_expires_at"] = agent.Invitation?.ExpiresAt,
        }),
        GroupRow group => ("agent_group", new()
        {
            ["id"] = group.Id,
            ["name"] = group.Name,
            ["master_agent"] = group.MasterAgentId,
            ["supervisors"] = new JsonArray([.. group.SupervisorIds.Select(supervisor => supervisor.ToString())]),
            ["removed"] = group.IsRemoved,
        }),
        InboxRow inbox => ("inbox", new()
        {
            ["id"] = inbox.Id,
            ["identifier"] = inbox.Identifier,
            ["name"] = inbox.Name,
            ["hmac_mandatory"] = inbox.HmacMandatory,
            ["allowed_origins"] = new JsonArray([.. inbox.AllowedOrigins]),
            ["queue"] = inbox.QueueId,
            ["archived"] = inbox.IsArchived,
            ["departments"] = JsonSerializer.SerializeToNode(inbox.Departments, TenantJson.Default.ImmutableArrayDepartment),
            ["removed"] = inbox.IsRemoved,
        }),
        QueueRow queue => ("queue", new()
        {
            ["id"] = queue.Id,
            ["name"] = queue.Name,
            ["timed"] = queue.IsTimed,
            ["overflow"] = queue.OverflowQueueId,
            ["group_ids"] = new JsonArray([.. queue.GroupIds.Select(group => group.ToString())]),
        }),
        QueueWaitRow wait => ("queue_wait", new()
        {
            ["conversation"] = wait.ConversationId,
            ["queue"] = wait.QueueId,
            ["since"] = wait.Since,
            ["served"] = wait.Served,
        }),
        ContactRow contact => ("contact", new()
        {
            ["id"] = contact.Id,
            ["name"] = contact.Name,
            ["email"] = contact.Email,
            ["identifier"] = contact.Identifier,
            ["created_at"] = contact.CreatedAt,
            ["merged_into"] = contact.MergedInto,
            ["erased"] = contact.IsErased,
            ["words"] = new JsonArray([.. NameWords.Of(contact.Name).Select(word => (JsonNode)word)]),
            ["email_key"] = contact.Email?.ToLowerInvariant(),
        }),
        AddressRow address => ("contact_address", new()
        {
            ["kind"] = (int)address.Kind,
            ["value"] = address.Value,
            ["contact"] = address.ContactId,
            ["removed"] = address.IsRemoved,
        }),
        ContextDueRow due => ("context_due", new()
        {
            ["person"] = due.PersonId,
            ["at"] = due.At,
            ["looks_up"] = due.LooksUp,
        }),
        PresenceLeaseRow lease => ("presence_lease", new()
        {
            ["agent"] = lease.AgentId,
            ["lasts"] = lease.GoodFor is { } goodFor ? string.Create(CultureInfo.InvariantCulture, $"{goodFor.TotalSeconds:F3} seconds") : null,
        }),
        ContactSettingsRow => ("contact_settings", new()),
        TaggingRow tagging => ("tagging", new()
        {
            ["owner"] = (int)tagging.Of,
            ["id"] = tagging.Id,
            ["labels"] = new JsonArray([.. tagging.Labels]),
            ["keys"] = new JsonArray([.. tagging.Attributes.Select(value => (JsonNode)value.Key)]),
            ["values"] = new JsonArray([.. tagging.Attributes.Select(value => (JsonNode)value.Value.ToString())]),
        }),
        SubscriptionRow found => ("contact_subscription", new()
        {
            ["contact"] = found.ContactId,
            ["subscriptions"] = new JsonArray([.. found.Subscriptions.Select(subscription => (JsonNode)new JsonObject
            {
                ["name"] = subscription.Name,
                ["service"] = subscription.Service,
                ["plan"] = subscription.Plan,
                ["status"] = (int)subscription.Status,
                ["begins_at"] = subscription.BeginsAt,
                ["ends_at"] = subscription.EndsAt,
                ["expires_at"] = subscription.ExpiresAt,
            })]),
        }),
        ConversationRow conversation => ("conversation", new()
        {
            ["id"] = conversation.Id,
            ["display_id"] = conversation.DisplayId,
            ["inbox"] = conversation.InboxId,
            ["contact"] = conversation.ContactId,
            ["status"] = (int)conversation.Status,
            ["assignee"] = conversation.AssigneeId,
            ["opened_at"] = conversation.OpenedAt,
            ["waiting_since"] = conversation.WaitingSince,
            ["session_since"] = conversation.SessionSince,
            ["queue"] = conversation.QueueId,
            ["offered_to"] = conversation.OfferedTo,
            ["consulted"] = conversation.IsConsulted,
            ["due_at"] = conversation.DueAt,
            ["priority"] = (int)conversation.Priority,
            ["snoozed"] = conversation.IsSnoozed,
        }),
        ParticipantRow participant => ("participant", new()
        {
            ["conversation"] = participant.ConversationId,
            ["person"] = participant.PersonId,
            ["is_agent"] = participant.IsAgent,
            ["has_left"] = participant.Left,
            ["is_hidden"] = participant.Hidden,
        }),
        _ => throw new ArgumentException($"There is no table for {row.GetType().Name}.", nameof(row)),
    };
}
