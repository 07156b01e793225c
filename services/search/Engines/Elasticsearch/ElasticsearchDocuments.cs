using System.Buffers;
using System.Text.Json;
using Itsm.Platform.Documents;
using Itsm.Platform.Supervision;
using Itsm.Search.Domain;
using HttpMethod = Elastic.Transport.HttpMethod;

namespace Itsm.Search.Engines.Elasticsearch;

/// <summary>Reads and writes the documents of an index by its alias for writing: each is replaced only if it is still as it was read.</summary>
internal sealed class ElasticsearchDocuments(ElasticsearchConnection connection)
{
    private const int MostIds = 1_000;
    private const int MostBytes = 4 << 20;
    private const int TooLarge = 413;
    private const int TooBusy = 429;

    // Others who keep changing the same document come to their end before that.
    private static readonly TimeSpan LongestWrite = TimeSpan.FromSeconds(20);

    /// <summary>See <see cref="ISearchEngine.ApplyAsync"/>.</summary>
    /// <exception cref="GenerationMissingException">There is no such alias.</exception>
    public async Task<int> ApplyAsync(int generation, string alias, IReadOnlyList<DocumentChange> changes, CancellationToken ct)
    {
        var changed = 0;
        var (left, backoff) = (changes, new Backoff(LongestWrite));
        while (left.Count > 0)
        {
            var known = await ReadAsync(generation, alias, [.. left.Select(change => change.Id)], ct);
            List<Written> written = [];
            foreach (var same in left.GroupBy(change => change.Id))
            {
                var before = known.GetValueOrDefault(same.Key);
                var after = same.Aggregate(before?.Document, (document, change) => change.Change(document) ?? document);
                if (after is not null && !ReferenceEquals(after, before?.Document))
                {
                    written.Add(new Written(after, before));
                }
            }

            var again = await WriteAsync(generation, alias, written, ct);
            changed += written.Count - again.Count;

            // The engine answers: what others keep changing is no standstill.
            Work.Progress();
            left = [.. left.Where(change => again.Contains(change.Id))];
            if (left.Count > 0 && !await backoff.PauseAsync(ct))
            {
                throw new StoreUnavailableException(
                    $"{again.Count} documents could not be written: others kept changing them, or Elasticsearch has too much to do.");
            }
        }

        return changed;
    }

    /// <summary>The newest states, also before they can be found, and what tells whether each is still the newest when it is replaced.</summary>
    /// <exception cref="GenerationMissingException">There is no such alias.</exception>
    public async Task<Dictionary<Guid, Known>> ReadAsync(
        int generation, string alias, IReadOnlyCollection<Guid> ids, CancellationToken ct)
    {
        var known = new Dictionary<Guid, Known>();

        // To ask for nothing is an error to the engine.
        foreach (var some in ids.Distinct().Chunk(MostIds))
        {
            var (status, answer) = await connection.SendAsync(HttpMethod.POST, $"{alias}/_mget",
                JsonSerializer.SerializeToUtf8Bytes(new { ids = some }), ct);
            using (answer)
            {
                if (status == 404)
                {
                    throw new GenerationMissingException(generation);
                }

                foreach (var found in answer!.RootElement.GetProperty("docs").EnumerateArray())
                {
                    if (found.TryGetProperty("error", out var error))
                    {
                        // Of the whole index, or of a shard that is nowhere just now.
                        throw error.GetProperty("type").GetString() == "index_not_found_exception"
                            ? new GenerationMissingException(generation)
                            : new StoreUnavailableException($"Elasticsearch can't read now: {error}");
                    }

                    if (found.GetProperty("found").GetBoolean())
                    {
                        var document = SearchDocument.Of(found.GetProperty("_source"));
                        known[document.Id] = new Known(document, found.GetProperty("_seq_no").GetInt64(),
                            found.GetProperty("_primary_term").GetInt64());
                    }
                }
            }
        }

        return known;
    }

    /// <returns>The documents to try again: somebody else has changed them meanwhile, or the engine has too much to do.</returns>
    private async Task<HashSet<Guid>> WriteAsync(int generation, string alias, List<Written> documents, CancellationToken ct)
    {
        var again = new HashSet<Guid>();
        var bulk = new ArrayBufferWriter<byte>();
        for (var at = 0; at < documents.Count;)
        {
            var from = at;
            bulk.ResetWrittenCount();
            while (at < documents.Count && bulk.WrittenCount < MostBytes)
            {
                Append(bulk, alias, documents[at++]);
            }

            await SendAsync(generation, alias, documents[from..at], bulk.WrittenMemory, again, ct);
        }

        return again;
    }

    private async Task SendAsync(
        int generation, string alias, List<Written> documents, ReadOnlyMemory<byte> bulk, HashSet<Guid> again, CancellationToken ct)
    {
        var (status, answer) = await connection.SendAsync(HttpMethod.POST, "_bulk?require_alias=true", bulk, ct, TooLarge, TooBusy);
        using var _ = answer;
        switch (status)
        {
            case 404:
                throw new GenerationMissingException(generation);
            case TooBusy:
                again.UnionWith(documents.Select(written => written.Document.Id));
                return;
            case TooLarge when documents.Count == 1:
                throw new InvalidOperationException($"{Name(documents[0].Document)} is too large: {bulk.Length} bytes.");
            case TooLarge:
                again.UnionWith(await WriteAsync(generation, alias, documents[..(documents.Count / 2)], ct));
                again.UnionWith(await WriteAsync(generation, alias, documents[(documents.Count / 2)..], ct));
                return;
        }

        foreach (var (written, item) in documents.Zip(answer!.RootElement.GetProperty("items").EnumerateArray()))
        {
            var result = item.EnumerateObject().First().Value;
            switch (result.GetProperty("status").GetInt32())
            {
                case < 300:
                    break;
                case 409 or TooBusy or 503:
                    again.Add(written.Document.Id);
                    break;
                case 404:
                    throw new GenerationMissingException(generation);
                case 403 or >= 500:
                    throw new StoreUnavailableException($"Elasticsearch can't write now: {result.GetProperty("error")}");
                default:
                    throw new InvalidOperationException($"Elasticsearch refuses {Name(written.Document)}: {result.GetProperty("error")}");
            }
        }
    }

    private static string Name(SearchDocument document) => $"{document.Kind} {document.Id}";

    private static void Append(ArrayBufferWriter<byte> bulk, string alias, Written written)
    {
        using (var action = new Utf8JsonWriter(bulk))
        {
            action.WriteStartObject();
            action.WriteStartObject(written.Before is null ? "create" : "index");
            action.WriteString("_index", alias);
            action.WriteString("_id", written.Document.Id);
            if (written.Before is { } before)
            {
                action.WriteNumber("if_seq_no", before.Sequence);
                action.WriteNumber("if_primary_term", before.Term);
            }

            action.WriteEndObject();
            action.WriteEndObject();
        }

        bulk.Write("\n"u8);
        written.Document.WriteTo(bulk);
        bulk.Write("\n"u8);
    }

    /// <summary>A document as it is in the index.</summary>
    /// <param name="Document">It.</param>
    /// <param name="Sequence">Number of its last write.</param>
    /// <param name="Term">In which term of the shard.</param>
    internal sealed record Known(SearchDocument Document, long Sequence, long Term);

    private sealed record Written(SearchDocument Document, Known? Before);
}
