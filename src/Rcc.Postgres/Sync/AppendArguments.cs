using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Rcc.Core.Sync;

namespace Rcc.Postgres.Sync;

/// <summary>The arguments of one call of <c>append_batch</c>: a column for each member, a group of columns for each kind of row. Groups without rows are left out of the statement.</summary>
sealed class AppendArguments
{
    /// <summary>The change of an entry that tells a state which has not changed with it.</summary>
    const short AsItStands = 50;

    readonly List<NpgsqlParameter> parameters = [];
    readonly System.Text.StringBuilder sql = new("SELECT * FROM append_batch(");

    /// <summary>The call for a run. <paramref name="newest"/> is the newest number known: where to begin to look.</summary>
    public static NpgsqlBatchCommand Call(Guid tenant, long newest, AppendRun run)
    {
        var arguments = new AppendArguments();
        var proposals = run.Proposals;
        var numbers = 0;
        List<Row<ItemFence>> fences = [];
        List<Row<NewMessage>> messages = [];
        List<Row<MarkAdvance>> marks = [];
        List<Row<AudienceChange>> audiences = [];
        List<Row<ItemChange>> items = [];
        List<Row<Departure>> deletes = [];
        List<Row<Telling>> tellings = [];
        List<Row<CapacityClaim>> claims = [];
        List<(int Of, int Offset)> acts = [];
        for (var at = 0; at < proposals.Count; at++)
        {
            var proposal = proposals[at];
            Check(proposal);
            var of = at + 1;
            foreach (var fence in proposal.Fences)
            {
                fences.Add(new(of, 0, fence));
            }

            foreach (var claim in proposal.Claims)
            {
                claims.Add(new(of, 0, claim));
            }

            foreach (var change in proposal.Audiences)
            {
                audiences.Add(new(of, ++numbers, change));
            }

            foreach (var item in proposal.Items)
            {
                fences.Add(new(of, 0, new ItemFence(item.Key, item.Revision - 1)));
                items.Add(new(of, ++numbers, item));
                foreach (var audience in item.Tell)
                {
                    tellings.Add(new(of, numbers, new Telling(audience, item.Key, null)));
                }
            }

            foreach (var shown in proposal.Shown)
            {
                ++numbers;
                foreach (var audience in shown.Tell)
                {
                    tellings.Add(new(of, numbers, new Telling(audience, shown.Key, AsItStands)));
                }
            }

            foreach (var departure in proposal.Departures)
            {
                ++numbers;
                foreach (var audience in departure.Tell)
                {
                    tellings.Add(new(of, numbers, new Telling(audience, departure.Key, (short)departure.Reason)));
                }

                if (departure.Delete)
                {
                    deletes.Add(new(of, numbers, departure));
                }
            }

            foreach (var message in proposal.Messages)
            {
                messages.Add(new(of, ++numbers, message));
            }

            foreach (var mark in proposal.Marks)
            {
                marks.Add(new(of, ++numbers, mark));
            }

            if (proposal.Act is not null)
            {
                acts.Add((of, ++numbers));
            }
        }

        arguments.Add("p_tenant", tenant, NpgsqlDbType.Uuid);
        arguments.Add("p_numbers", numbers, NpgsqlDbType.Integer);
        arguments.Add("p_newest", newest, NpgsqlDbType.Bigint);
        arguments.AddProposals(proposals);
        arguments.AddFences(fences);
        arguments.AddMessages(proposals, messages);
        arguments.AddMarks(marks);
        arguments.AddAudiences(audiences);
        arguments.AddItems(items);
        arguments.AddDeletes(deletes);
        arguments.AddTellings(tellings);
        arguments.AddClaims(claims);
        if (RowJson.Write(proposals, acts) is { } rows)
        {
            arguments.Add("p_rows", rows, NpgsqlDbType.Jsonb);
        }

        var call = new NpgsqlBatchCommand(arguments.sql.Append(')').ToString());
        call.Parameters.AddRange(arguments.parameters.ToArray());
        return call;
    }

    /// <summary>Whether the message alone tells what the command was answered, so that no other row is needed to remember it.</summary>
    public static bool IsAnsweredByMessage(Proposal proposal) =>
        proposal is { Messages: [var message], Answer: { Code: Contracts.ErrorCode.Ok, Detail: null, Revision: null, Id: null } answer }
        && answer.ConversationId == message.ConversationId
        && answer.MessageId == message.MessageId
        && answer.Seq == message.Seq;

    static void Check(Proposal proposal)
    {
        if (proposal is { Command: not null, By: null })
        {
            throw new ArgumentException("A command needs the device it came from.", nameof(proposal));
        }

        if (proposal.Items.Length > 1 && proposal.Items.DistinctBy(item => item.Key).Count() < proposal.Items.Length)
        {
            throw new ArgumentException("A proposal must change an item once.", nameof(proposal));
        }

        if (proposal.Shown.Any(shown => !proposal.Fences.Contains(new ItemFence(shown.Key, shown.Revision))))
        {
            throw new ArgumentException("What a proposal shows must rest on a fence.", nameof(proposal));
        }

        if (proposal.Audiences.Length > 1 && proposal.Audiences.DistinctBy(change => (change.PersonId, change.Audience)).Count() < proposal.Audiences.Length)
        {
            throw new ArgumentException("A proposal must change a person's membership of an audience once.", nameof(proposal));
        }

        for (var i = 1; i < proposal.Messages.Length; i++)
        {
            if (LaneOf(proposal.Messages[i]) == LaneOf(proposal.Messages[i - 1]) && proposal.Messages[i].Seq != proposal.Messages[i - 1].Seq + 1)
            {
                throw new ArgumentException("The messages of a proposal in one lane must have consecutive numbers.", nameof(proposal));
            }
        }
    }

    static (Guid Conversation, Contracts.Conversations.Lane Lane) LaneOf(NewMessage message) => (message.ConversationId, message.Lane);

    void AddProposals(List<Proposal> proposals)
    {
        Column("p_device", proposals, NpgsqlDbType.Uuid, p => p.By?.DeviceId);
        Column("p_person", proposals, NpgsqlDbType.Uuid, p => p.By?.PersonId);
        Column("p_number", proposals, NpgsqlDbType.Bigint, p => p.Command?.Number);
        Column("p_hash", proposals, NpgsqlDbType.Uuid, p => p.Command is { } command ? AsUuid(command.Hash) : (Guid?)null);
        Column("p_even_if_suspended", proposals, NpgsqlDbType.Boolean, p => p.EvenIfSuspended);
        Column("p_creates", proposals, NpgsqlDbType.Boolean, p => p.Rows.Any(row => row is Core.Tenants.TenantRow));
        if (proposals.Exists(NeedsAnswer))
        {
            Column("p_answer", proposals, NpgsqlDbType.Bytea, p => NeedsAnswer(p) ? JsonSerializer.SerializeToUtf8Bytes(p.Answer, AnswerJson.Default.Answer) : null);
        }

        static bool NeedsAnswer(Proposal p) => p.Command is not null && !IsAnsweredByMessage(p);
    }

    void AddFences(List<Row<ItemFence>> rows)
    {
        if (rows.Count > 0)
        {
            Column("f_of", rows, NpgsqlDbType.Integer, r => r.Of);
            Column("f_kind", rows, NpgsqlDbType.Smallint, r => (short)r.Value.Key.Kind);
            Column("f_id", rows, NpgsqlDbType.Uuid, r => r.Value.Key.Id);
            Column("f_sub", rows, NpgsqlDbType.Uuid, r => r.Value.Key.Sub);
            Column("f_revision", rows, NpgsqlDbType.Integer, r => r.Value.Revision);
        }
    }

    void AddMessages(List<Proposal> proposals, List<Row<NewMessage>> rows)
    {
        if (rows.Count > 0)
        {
            Add("m_bytes", rows.Sum(r => (long)r.Value.Content.Length), NpgsqlDbType.Bigint);
            Column("m_of", rows, NpgsqlDbType.Integer, r => r.Of);
            Column("m_offset", rows, NpgsqlDbType.Integer, r => r.Offset);
            Column("m_conversation", rows, NpgsqlDbType.Uuid, r => r.Value.ConversationId);
            Column("m_lane", rows, NpgsqlDbType.Smallint, r => (short)r.Value.Lane);
            Column("m_seq", rows, NpgsqlDbType.Bigint, r => r.Value.Seq);
            Column("m_id", rows, NpgsqlDbType.Uuid, r => r.Value.MessageId);
            Column("m_person", rows, NpgsqlDbType.Uuid, r => r.Value.PersonId);
            Column("m_role", rows, NpgsqlDbType.Smallint, r => (short)r.Value.Role);
            Column("m_content_type", rows, NpgsqlDbType.Text, r => r.Value.ContentType);
            Column("m_content", rows, NpgsqlDbType.Bytea, r => Bytes(r.Value.Content));
            Column("m_device", rows, NpgsqlDbType.Uuid, r => CommandOf(r)?.Device);
            Column("m_number", rows, NpgsqlDbType.Bigint, r => CommandOf(r)?.Number);
            Column("m_hash", rows, NpgsqlDbType.Uuid, r => CommandOf(r)?.Hash);

            // Where each proposal that posts begins; a proposal with several lanes has each of them checked apart.
            Column("p_conversation", proposals, NpgsqlDbType.Uuid, p => First(p)?.ConversationId);
            Column("p_lane", proposals, NpgsqlDbType.Smallint, p => (short?)First(p)?.Lane);
            Column("p_seq", proposals, NpgsqlDbType.Bigint, p => First(p)?.Seq);
            if (proposals.Exists(p => p.Messages.Length > 1 && p.Messages.Any(m => LaneOf(m) != LaneOf(p.Messages[0]))))
            {
                Column("m_first", rows, NpgsqlDbType.Boolean, r => !proposals[r.Of - 1].Messages.Any(m => m.Seq < r.Value.Seq && LaneOf(m) == LaneOf(r.Value)));
            }
        }

        static NewMessage? First(Proposal proposal) => proposal.Messages.IsEmpty ? null : proposal.Messages[0];

        (Guid Device, long Number, Guid Hash)? CommandOf(Row<NewMessage> row) =>
            proposals[row.Of - 1] is { Command: { } command, By: { } by } proposal && IsAnsweredByMessage(proposal)
                ? (by.DeviceId, command.Number, AsUuid(command.Hash))
                : null;
    }

    void AddMarks(List<Row<MarkAdvance>> rows)
    {
        if (rows.Count > 0)
        {
            Column("k_of", rows, NpgsqlDbType.Integer, r => r.Of);
            Column("k_offset", rows, NpgsqlDbType.Integer, r => r.Offset);
            Column("k_kind", rows, NpgsqlDbType.Smallint, r => (short)r.Value.Kind);
            Column("k_conversation", rows, NpgsqlDbType.Uuid, r => r.Value.ConversationId);
            Column("k_person", rows, NpgsqlDbType.Uuid, r => r.Value.PersonId);
            Column("k_first", rows, NpgsqlDbType.Bigint, r => r.Value.First);
            Column("k_second", rows, NpgsqlDbType.Bigint, r => r.Value.Second);
        }
    }

    void AddAudiences(List<Row<AudienceChange>> rows)
    {
        if (rows.Count > 0)
        {
            Column("a_of", rows, NpgsqlDbType.Integer, r => r.Of);
            Column("a_offset", rows, NpgsqlDbType.Integer, r => r.Offset);
            Column("a_person", rows, NpgsqlDbType.Uuid, r => r.Value.PersonId);
            Column("a_kind", rows, NpgsqlDbType.Smallint, r => (short)r.Value.Audience.Kind);
            Column("a_id", rows, NpgsqlDbType.Uuid, r => r.Value.Audience.Id);
            Column("a_state", rows, NpgsqlDbType.Smallint, r => (short)r.Value.State);
        }
    }

    void AddItems(List<Row<ItemChange>> rows)
    {
        if (rows.Count > 0)
        {
            Column("i_of", rows, NpgsqlDbType.Integer, r => r.Of);
            Column("i_offset", rows, NpgsqlDbType.Integer, r => r.Offset);
            Column("i_kind", rows, NpgsqlDbType.Smallint, r => (short)r.Value.Key.Kind);
            Column("i_id", rows, NpgsqlDbType.Uuid, r => r.Value.Key.Id);
            Column("i_sub", rows, NpgsqlDbType.Uuid, r => r.Value.Key.Sub);
            Column("i_revision", rows, NpgsqlDbType.Integer, r => r.Value.Revision);
            Column("i_state", rows, NpgsqlDbType.Bytea, r => Bytes(r.Value.State));
            Column("i_home_kind", rows, NpgsqlDbType.Smallint, r => (short)r.Value.Home.Kind);
            Column("i_home", rows, NpgsqlDbType.Uuid, r => r.Value.Home.Id);
        }
    }

    void AddDeletes(List<Row<Departure>> rows)
    {
        if (rows.Count > 0)
        {
            Column("d_of", rows, NpgsqlDbType.Integer, r => r.Of);
            Column("d_kind", rows, NpgsqlDbType.Smallint, r => (short)r.Value.Key.Kind);
            Column("d_id", rows, NpgsqlDbType.Uuid, r => r.Value.Key.Id);
            Column("d_sub", rows, NpgsqlDbType.Uuid, r => r.Value.Key.Sub);
        }
    }

    void AddTellings(List<Row<Telling>> rows)
    {
        if (rows.Count > 0)
        {
            Column("e_of", rows, NpgsqlDbType.Integer, r => r.Of);
            Column("e_offset", rows, NpgsqlDbType.Integer, r => r.Offset);
            Column("e_audience_kind", rows, NpgsqlDbType.Smallint, r => (short)r.Value.Audience.Kind);
            Column("e_audience", rows, NpgsqlDbType.Uuid, r => r.Value.Audience.Id);
            Column("e_kind", rows, NpgsqlDbType.Smallint, r => (short)r.Value.Key.Kind);
            Column("e_id", rows, NpgsqlDbType.Uuid, r => r.Value.Key.Id);
            Column("e_sub", rows, NpgsqlDbType.Uuid, r => r.Value.Key.Sub);
            Column("e_change", rows, NpgsqlDbType.Smallint, r => r.Value.Change);
        }
    }

    void AddClaims(List<Row<CapacityClaim>> rows)
    {
        if (rows.Count > 0)
        {
            Column("c_of", rows, NpgsqlDbType.Integer, r => r.Of);
            Column("c_agent", rows, NpgsqlDbType.Uuid, r => r.Value.AgentId);
            Column("c_max", rows, NpgsqlDbType.Integer, r => r.Value.Max);
        }
    }

    void Column<TRow, TValue>(string name, List<TRow> rows, NpgsqlDbType type, Func<TRow, TValue> value)
    {
        var column = new TValue[rows.Count];
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = value(rows[i]);
        }

        Add(name, column, NpgsqlDbType.Array | type);
    }

    void Add<T>(string name, T value, NpgsqlDbType type)
    {
        parameters.Add(new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = type });
        if (parameters.Count > 1)
        {
            sql.Append(", ");
        }

        sql.Append(name).Append(" => $").Append(parameters.Count);
    }

    static byte[] Bytes(ImmutableArray<byte> value) => ImmutableCollectionsMarshal.AsArray(value) ?? [];

    /// <summary>128 bits are kept as what PostgreSQL has for 128 bits.</summary>
    public static Guid AsUuid(BodyHash hash)
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, hash.High);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], hash.Low);
        return new Guid(bytes, bigEndian: true);
    }

    readonly record struct Row<T>(int Of, int Offset, T Value);

    readonly record struct Telling(Audience Audience, ItemKey Key, short? Change);
}
