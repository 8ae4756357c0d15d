using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Customers;
using Rcc.Core.Devices;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Postgres.Sync;

/// <summary>Rows of the rooms' tables as <c>append_rows</c> takes them: by table, each with the index of its proposal and its columns by name.</summary>
static class RowJson
{
    /// <summary>Null when the proposals have no rows.</summary>
    public static string? Write(List<Proposal> proposals)
    {
        if (!proposals.Exists(p => p.Rows.Length > 0))
        {
            return null;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        foreach (var table in proposals.SelectMany((p, at) => p.Rows.Select(row => (Of: at + 1, Row: row))).GroupBy(r => TableOf(r.Row), StringComparer.Ordinal))
        {
            json.WriteStartArray(table.Key);
            foreach (var (of, row) in table)
            {
                json.WriteStartObject();
                json.WriteNumber("of", of);
                WriteColumns(json, row);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    static string TableOf(RowWrite row) => row switch
    {
        TenantRow => "tenant",
        DeviceRow => "device",
        DeviceSignOutRow => "device_sign_out",
        AgentRow => "agent",
        GroupRow => "agent_group",
        InboxRow => "inbox",
        ContactRow => "contact",
        ConversationRow => "conversation",
        ParticipantRow => "participant",
        _ => throw new ArgumentException($"There is no table for {row.GetType().Name}.", nameof(row)),
    };

    static void WriteColumns(Utf8JsonWriter json, RowWrite row)
    {
        switch (row)
        {
            case TenantRow tenant:
                json.WriteString("name", tenant.Name);
                json.WriteString("slug", tenant.Slug);
                json.WriteBoolean("suspended", tenant.Suspended);
                break;
            case DeviceRow device:
                json.WriteString("id", device.Id);
                json.WriteString("person", device.PersonId);
                json.WriteNumber("role", (int)device.Role);
                json.WriteString("name", device.Name);
                json.WriteString("credential_hash", Convert.ToHexString(device.CredentialHash.AsSpan()));
                json.WriteString("signed_in_at", device.SignedInAt);
                WriteTime(json, "signed_out_at", device.SignedOutAt);
                WriteId(json, "inbox", device.InboxId);
                json.WriteNumber("scopes", (int)device.Scopes);
                break;
            case DeviceSignOutRow signOut:
                json.WriteString("id", signOut.Id);
                json.WriteString("signed_out_at", signOut.SignedOutAt);
                break;
            case AgentRow agent:
                json.WriteString("id", agent.Id);
                json.WriteString("email", agent.Email.ToLowerInvariant());
                json.WriteString("name", agent.Name);
                json.WriteNumber("role", (int)agent.Role);
                WriteId(json, "group_id", agent.GroupId);
                WriteId(json, "created_by", agent.CreatedBy);
                json.WriteString("password_hash", agent.PasswordHash);
                json.WriteNumber("availability", (int)agent.Availability);
                json.WriteBoolean("suspended", agent.Suspended);
                WriteTexts(json, "skills", agent.Skills);
                if (agent.Capacity is { } capacity)
                {
                    json.WriteNumber("capacity", capacity);
                }

                break;
            case GroupRow group:
                json.WriteString("id", group.Id);
                json.WriteString("name", group.Name);
                json.WriteString("master_agent", group.MasterAgentId);
                break;
            case InboxRow inbox:
                json.WriteString("id", inbox.Id);
                json.WriteString("identifier", inbox.Identifier);
                json.WriteString("name", inbox.Name);
                json.WriteString("identity_secret", inbox.IdentitySecret);
                json.WriteBoolean("hmac_mandatory", inbox.HmacMandatory);
                WriteTexts(json, "allowed_origins", inbox.AllowedOrigins);
                break;
            case ContactRow contact:
                json.WriteString("id", contact.Id);
                json.WriteString("name", contact.Name);
                json.WriteString("email", contact.Email);
                json.WriteString("identifier", contact.Identifier);
                break;
            case ConversationRow conversation:
                json.WriteString("id", conversation.Id);
                json.WriteNumber("display_id", conversation.DisplayId);
                json.WriteString("inbox", conversation.InboxId);
                json.WriteString("contact", conversation.ContactId);
                json.WriteNumber("status", (int)conversation.Status);
                WriteId(json, "assignee", conversation.AssigneeId);
                json.WriteString("opened_at", conversation.OpenedAt);
                WriteTime(json, "waiting_since", conversation.WaitingSince);
                break;
            case ParticipantRow participant:
                json.WriteString("conversation", participant.ConversationId);
                json.WriteString("person", participant.PersonId);
                json.WriteBoolean("is_agent", participant.IsAgent);
                json.WriteBoolean("has_left", participant.Left);
                break;
        }
    }

    static void WriteTexts(Utf8JsonWriter json, string column, ImmutableArray<string> texts)
    {
        json.WriteStartArray(column);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    static void WriteId(Utf8JsonWriter json, string column, Guid? id)
    {
        if (id is { } given)
        {
            json.WriteString(column, given);
        }
    }

    static void WriteTime(Utf8JsonWriter json, string column, DateTimeOffset? time)
    {
        if (time is { } given)
        {
            json.WriteString(column, given);
        }
    }
}
