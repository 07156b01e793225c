namespace Itsm.Platform.Documents.Sqlite;

/// <summary>One collection: writes go to the writer's queue, reads run at once on a connection of their own.</summary>
internal sealed class SqliteCollection : IDocumentCollection
{
    private const int MostBytes = 16 * 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly SqliteWriter _writer;
    private readonly SqliteReaders _readers;
    private readonly Task<bool> _made;
    private readonly Task _filled;

    public SqliteCollection(CollectionDefinition definition, SqliteWriter writer, SqliteReaders readers)
    {
        (Definition, Table, _writer, _readers) = (definition, new CollectionTable(definition), writer, readers);
        _made = writer.RunAsync(Table.Prepare, CancellationToken.None);
        _filled = FillAsync();
    }

    public CollectionDefinition Definition { get; }

    public CollectionTable Table { get; }

    /// <summary>Why not all indexes can be used yet; null where they can.</summary>
    public string? MissingIndexes => _filled.IsCompletedSuccessfully ? null
        : _filled.Exception?.InnerException?.Message ?? $"{Definition.Name}: its indexes are being filled.";

    public async ValueTask<StoredDocument?> FindAsync(Guid id, CancellationToken ct)
    {
        await _made;
        var session = await _readers.RentAsync(ct);
        try
        {
            var statement = session.Rent(Table.Find);
            try
            {
                return statement.Bind(1, id).Step() ? new StoredDocument(id, statement.Int64(0), statement.Bytes(1).ToArray()) : null;
            }
            finally
            {
                session.Return(statement);
            }
        }
        finally
        {
            _readers.Return(session);
        }
    }

    public async Task InsertAsync(StoredDocument document, CancellationToken ct)
    {
        var values = Checked(document);
        await _made;
        await _writer.RunAsync(session => Table.TryInsert(session, document, values)
            ? true
            : throw new DuplicateKeyException(Definition.Name, ["_id"]), ct);
    }

    public async Task InsertMissingAsync(IReadOnlyList<StoredDocument> documents, CancellationToken ct)
    {
        if (documents.Count == 0)
        {
            return;
        }

        var values = documents.Select(Checked).ToList();
        await _made;
        await _writer.RunAsync(session =>
        {
            session.Execute("SAVEPOINT many");
            try
            {
                for (var number = 0; number < documents.Count; number++)
                {
                    Table.TryInsert(session, documents[number], values[number]);
                }
            }
            catch (DuplicateKeyException)
            {
                Table.ForgetRecorded();
                session.Execute("ROLLBACK TO many; RELEASE many");
                throw;
            }

            session.Execute("RELEASE many");
            return true;
        }, ct);
    }

    public async Task<bool> ReplaceAsync(StoredDocument document, long expected, CancellationToken ct)
    {
        var values = Checked(document);
        await _made;
        return await _writer.RunAsync(session => Table.TryReplace(session, document, expected, values), ct);
    }

    /// <summary>As <see cref="IWritesTogether.WriteAsync"/>.</summary>
    public async Task<bool> WriteAsync(
        StoredDocument document, long? expected, IReadOnlyList<SideWrite> beside, CancellationToken ct)
    {
        var values = Checked(document);
        var others = new (CollectionTable Table, IndexValue[][]? Values)[beside.Count];
        for (var number = 0; number < others.Length; number++)
        {
            var other = (SqliteCollection)beside[number].Collection;
            if (other.Definition.Annex is not null || other.Definition.Indexes.Any(index => index.Unique))
            {
                throw new ArgumentException($"{other.Definition.Name} has an annex or a unique index.", nameof(beside));
            }

            others[number] = (other.Table, beside[number].Document is { } side ? other.Checked(side) : null);
            await other._made;
        }

        await _made;
        return await _writer.RunAsync(session =>
        {
            if (expected is { } version ? !Table.TryReplace(session, document, version, values)
                : !Table.TryInsert(session, document, values))
            {
                return expected is null ? throw new DuplicateKeyException(Definition.Name, ["_id"]) : false;
            }

            for (var number = 0; number < others.Length; number++)
            {
                others[number].Table.Put(session, beside[number], others[number].Values);
            }

            return true;
        }, ct);
    }

    public async Task SetManyAsync(string element, IReadOnlyList<DocumentElement> values, CancellationToken ct)
    {
        var name = System.Text.Encoding.UTF8.GetBytes(element);
        await _made;
        await Task.WhenAll(values.Select(value => _writer.RunAsync(session => Table.TrySet(session, name, value), ct)));
    }

    public async Task AnnexAsync(IReadOnlyList<DocumentAnnex> annexes, CancellationToken ct)
    {
        DeclaredIndexes.RequireAnnex(Definition);
        await _made;
        await Task.WhenAll(annexes.Select(annex => _writer.RunAsync(session => Table.TryAnnex(session, annex), ct)));
    }

    public async Task<bool> DeleteAsync(Guid id, long expected, CancellationToken ct)
    {
        await _made;
        return await _writer.RunAsync(session => Table.TryDelete(session, id, expected), ct);
    }

    public async ValueTask<IReadOnlyList<StoredDocument>> QueryAsync(DocumentQuery query, CancellationToken ct)
    {
        DocumentQuery.RequireLimit(query.Limit);
        var plan = QueryPlan.For(Definition.Name, Table, query);
        await FilledAsync(plan.Index, ct);
        return await ReadAsync(session => PageReader.Read(session, Table, plan, query, ct), ct);
    }

    public ValueTask<IReadOnlyList<StoredDocument>> ScanAsync(Guid? after, int limit, CancellationToken ct)
    {
        DocumentQuery.RequireLimit(limit);
        return ReadAsync<IReadOnlyList<StoredDocument>>(session =>
        {
            var scan = session.Rent(Table.Scan);
            try
            {
                var page = new List<StoredDocument>();
                scan.Bind(1, after is { } last ? last.ToByteArray(bigEndian: true) : []).Bind(2, limit);
                while (scan.Step())
                {
                    page.Add(new StoredDocument(scan.Guid(0), scan.Int64(1), scan.Bytes(2).ToArray()));
                }

                return page;
            }
            finally
            {
                session.Return(scan);
            }
        }, ct);
    }

    public async ValueTask<long> CountAsync(IReadOnlyList<Condition> where, CancellationToken ct)
    {
        var plan = CountPlan.For(Definition.Name, Table, where, null);
        await FilledAsync(plan.Index, ct);
        return await ReadAsync(session => DocumentCounter.Count(session, Table, plan, ct), ct);
    }

    public async ValueTask<IReadOnlyDictionary<MongoDB.Bson.BsonValue, long>> GroupAsync(
        IReadOnlyList<Condition> where, string field, CancellationToken ct)
    {
        var plan = CountPlan.For(Definition.Name, Table, where, field);
        var path = Array.Find(Table.Fields, declared => declared.Name == field) ?? new FieldPath(field) { Several = true };
        await FilledAsync(plan.Index, ct);
        return await ReadAsync(session => DocumentCounter.Group(session, Table, plan, path, ct), ct);
    }

    /// <summary>A slice at a time, between the writes of others.</summary>
    private async Task FillAsync()
    {
        if (!await _made)
        {
            return;
        }

        Guid? last = null;
        do
        {
            var after = last;
            last = await _writer.RunAsync(session => Table.Fill(session, after), CancellationToken.None);
        }
        while (last is not null);
    }

    /// <summary>Waits until an index has all documents.</summary>
    private async ValueTask FilledAsync(IndexTable? index, CancellationToken ct)
    {
        await _made;
        if (_filled.IsCompletedSuccessfully || !Table.Unfilled.Contains(index))
        {
            return;
        }

        try
        {
            await _filled.WaitAsync(Patience, ct);
        }
        catch (TimeoutException e)
        {
            throw new StoreUnavailableException(MissingIndexes ?? $"{Definition.Name}: its indexes were being filled.", e);
        }
    }

    private async ValueTask<T> ReadAsync<T>(Func<SqliteSession, T> read, CancellationToken ct)
    {
        await _made;
        var session = await _readers.RentAsync(ct);
        try
        {
            session.BeginSnapshot();
            try
            {
                return read(session);
            }
            finally
            {
                session.Rollback();
            }
        }
        finally
        {
            _readers.Return(session);
        }
    }

    private IndexValue[][] Checked(StoredDocument document) => document.Body.Length <= MostBytes
        ? Table.Values(document.Body)
        : throw new ArgumentException($"{Definition.Name}: a document of {document.Body.Length} bytes is too large; at most {MostBytes} "
            + "are stored.", nameof(document));
}
