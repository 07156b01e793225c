using MongoDB.Driver;

namespace Itsm.Platform.Documents.Mongo;

/// <summary>Tells an engine that can't be reached, or is changing its primary, from a mistake.</summary>
internal static class MongoOutage
{
    private const int WriteConflict = 112;

    public static bool Is(Exception e) =>
        e is TimeoutException or System.IO.IOException or MongoConnectionException or MongoConnectionPoolPausedException
            or MongoWaitQueueFullException
        or MongoNotPrimaryException or MongoNodeIsRecoveringException or MongoExecutionTimeoutException or MongoWriteConcernException
        or MongoCursorNotFoundException
        || (e is MongoException failed && (failed.HasErrorLabel("RetryableWriteError") || failed.HasErrorLabel("RetryableError")))
        || (e is MongoBulkWriteException { WriteConcernError: not null }) || WasUndone(e);

    /// <summary>True where the engine gave up a write, and undid it, since it was in the way of another: it can be made again.</summary>
    public static bool WasUndone(Exception e) => e is MongoCommandException { Code: WriteConflict }
        || (e is MongoCommandException && e.Message.Contains("deadlock detected", StringComparison.Ordinal));
}
