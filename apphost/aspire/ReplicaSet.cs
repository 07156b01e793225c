using Microsoft.Extensions.Diagnostics.HealthChecks;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Itsm.AppHost.Aspire;

/// <summary>A replica set of one member, for transactions need one: founds it where a new server has none, and is healthy once it takes
/// writes.</summary>
/// <param name="port">Of the server on this machine.</param>
internal sealed class ReplicaSet(int port) : IHealthCheck
{
    /// <summary>Its name.</summary>
    public const string Name = "rs0";

    private const int NotYetInitialized = 94;
    private readonly IMongoDatabase _admin =
        new MongoClient($"mongodb://127.0.0.1:{port}/?directConnection=true&serverSelectionTimeoutMS=2000").GetDatabase("admin");

    /// <summary>What clients need.</summary>
    public static string ConnectionString(int port) => $"mongodb://127.0.0.1:{port}/?replicaSet={Name}";

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await _admin.RunCommandAsync<BsonDocument>(new BsonDocument("replSetGetStatus", 1), cancellationToken: cancellationToken);
        }
        catch (MongoCommandException e) when (e.Code == NotYetInitialized)
        {
            var member = new BsonDocument { ["_id"] = 0, ["host"] = $"127.0.0.1:{port}" };
            await _admin.RunCommandAsync<BsonDocument>(new BsonDocument("replSetInitiate",
                new BsonDocument { ["_id"] = Name, ["members"] = new BsonArray { member } }), cancellationToken: cancellationToken);
        }

        var hello = await _admin.RunCommandAsync<BsonDocument>(new BsonDocument("hello", 1), cancellationToken: cancellationToken);
        return hello["isWritablePrimary"].ToBoolean() ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("Not the primary yet.");
    }
}
