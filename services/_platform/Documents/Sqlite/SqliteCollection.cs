namespace Itsm.Platform.Documents.Sqlite;

/// <summary>One collection: writes go to the writer's queue, reads run at once on a connection of their own.</summary>
internal sealed class SqliteCollection : IDocumentCollection
{
    private const int MostBytes = 16 * 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Many documents are written in slices: others need not wait for all of them.</summary>
    private const int MostAtOnce = 64;

    private readonly SqliteWriter _writer;
    private readonly SqliteReaders _readers;
    private readonly Task<bool> _made;
    private readonly Task _filled;

    public SqliteCollection(CollectionDefinition definition, SqliteWriter writer, SqliteReaders readers, int few)
    {
        (Definition, Table, _writer, _readers) = (definition, new CollectionTable(definition) { Few = few }, writer, readers);
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

        var slices = documents.Select(document => (Document: document, Values: Checked(document))).Chunk(MostAtOnce).ToList();
        await _made;
        await Task.WhenAll(slices.Select(slice => _writer.RunAsync(session => InsertMissing(session, slice), ct)));
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
        var (ordered, unordered) = await PlanAsync(() => QueryPlan.For(Definition, Table, query), ct);
        return await ReadAsync(session => PageReader.Read(session, Table, query, ordered, unordered, ct), ct);
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

    public async ValueTask<long> CountAsync(IReadOnlyList<Condition> where, CancellationToken ct, long? most = null)
    {
        var (plans, _) = await PlanAsync(() => CountPlan.For(Definition.Name, Table, where, null), ct);
        return await ReadAsync(session => most is { } limit ? DocumentCounter.CountSome(session, Table, plans, limit, ct)
            : DocumentCounter.Count(session, Table, plans[0], ct), ct);
    }

    public async ValueTask<IReadOnlyDictionary<MongoDB.Bson.BsonArray, long>> GroupAsync(
        IReadOnlyList<Condition> where, IReadOnlyList<string> fields, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fields.Count, DocumentCounter.MostFields);
        FieldPath[] paths = [.. fields.Select(field =>
            Array.Find(Table.Fields, declared => declared.Name == field) ?? new FieldPath(field) { Several = true })];
        var plans = await PlanAsync(() => Array.ConvertAll(paths, path => CountPlan.For(Definition.Name, Table, where, path.Name)), ct);
        return await ReadAsync(session => DocumentCounter.Group(
            session, Table, plans[0].Narrow[0], Array.ConvertAll(plans, plan => plan.Grouped), paths, ct), ct);
    }

    private bool InsertMissing(SqliteSession session, (StoredDocument Document, IndexValue[][] Values)[] slice)
    {
        session.Execute("SAVEPOINT many");
        try
        {
            foreach (var (document, values) in slice)
            {
                Table.TryInsert(session, document, values);
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
        Table.EndFill();
    }

    /// <summary>The plan by the indexes that are whole; where there is none, waits until all are.</summary>
    private async ValueTask<T> PlanAsync<T>(Func<T> plan, CancellationToken ct)
    {
        await _made;
        var areWhole = _filled.IsCompletedSuccessfully;
        try
        {
            return plan();
        }
        catch (UndeclaredIndexException) when (!areWhole)
        {
            try
            {
                await _filled.WaitAsync(Patience, ct);
            }
            catch (TimeoutException e)
            {
                throw new StoreUnavailableException(MissingIndexes ?? $"{Definition.Name}: its indexes were being filled.", e);
            }

            return plan();
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
