using CsCheck;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Documents.Sqlite;

namespace Itsm.Platform.Tests.Aggregates;

/// <summary>Records that mirror what others said.</summary>
public sealed class ProjectionTests : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("itsm-projection");
    private readonly SqliteDatabase _database;
    private readonly Projection<Sighting> _sightings;

    public ProjectionTests()
    {
        _database = new SqliteDatabase(Path.Combine(_folder.FullName, "projection.db"));
        _sightings = new Projection<Sighting>(_database,
            new ProjectionDefinition<Sighting>("sightings", new IndexDefinition("readers", "place")));
    }

    [Fact]
    public async Task Whatever_order_versions_come_in_and_however_often_the_newest_stays()
    {
        var number = 0;
        await Gen.Int[1, 5].Array[1, 12].SampleAsync(async versions =>
        {
            var id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddMilliseconds(Interlocked.Increment(ref number)));
            await Task.WhenAll(versions.Chunk(3)
                .Select(batch => _sightings.UpsertAsync(batch.Distinct().Take(1).Select(version => new Sighting(id, version)), default)));
            await Task.WhenAll(versions.Select(version => _sightings.UpsertAsync([new Sighting(id, version)], default)));
            var found = Projection<Sighting>.Load((await _sightings.Documents.FindAsync(id, default))!.Value);
            return (found.Version, found.Place) == (versions.Max(), $"place {versions.Max()}");
        }, iter: 50, threads: 1);
    }

    [Fact]
    public async Task Nothing_to_write_is_nothing() => await _sightings.UpsertAsync([], default);

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private sealed class Sighting : Itsm.Platform.Aggregates.Record
    {
        public Sighting(Guid id, long version) => (Id, Version, Place, Readers) = (id, version, $"place {version}", ["everyone"]);

        public string Place { get; private set; }
    }
}
