using Itsm.Search.Domain;
using Itsm.Search.Engines;
using Itsm.Search.Engines.Lucene;
using Itsm.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Itsm.Search.Tests;

public sealed class IndexLoopTests
{
    [Fact]
    public async Task An_index_loop_that_stands_still_is_seen_by_health_and_started_again()
    {
        var folder = Path.Combine(Path.GetTempPath(), "itsm-tests", Path.GetRandomFileName());
        var settings = Options.Create(new SearchSettings { Refresh = TimeSpan.FromMilliseconds(20), Commit = TimeSpan.FromSeconds(1) });
                using var supervisor = Supervisors.Create(TimeSpan.FromSeconds(1));
        using var log = new LogThatHangsOnce();
        using (var engine = new LuceneEngine(folder, new SearchWords(settings), settings, supervisor, log))
        {
            await engine.CreateAsync(1, default);
            await engine.StartAsync(default);
            await supervisor.StartAsync(default);

            var now = TimeProvider.System.GetUtcNow();
            var id = Guid.CreateVersion7(now);
            var ticket = new SearchDocument
            {
                Id = id, Kind = "incident", Version = 1, Number = "INC0000001", Title = "Printer", State = "new", OpenedAt = now,
                UpdatedAt = now,
            };
            await engine.ApplyAsync(1, [new DocumentChange(id, _ => ticket)], default);

            // What can't be committed is logged, over which the loop hangs.
            System.IO.Directory.Move(folder, folder + "-moved");
            await UntilAsync(health =>
                health is { Status: HealthStatus.Degraded, Description: { } text }
                    && text.StartsWith("index of search", StringComparison.Ordinal));
            await RunningSuite.UntilAsync(() => Task.FromResult(log.Entries), entries => entries > 1, "The next run of the loop");
            await UntilAsync(health => health.Status == HealthStatus.Healthy);
            log.GoOn();
            await engine.StopAsync(default);
            await supervisor.StopAsync(default);
            System.IO.Directory.Move(folder + "-moved", folder);
        }

        System.IO.Directory.Delete(folder, recursive: true);

        Task UntilAsync(Func<HealthCheckResult, bool> condition) =>
            RunningSuite.UntilAsync(() => supervisor.CheckHealthAsync(new HealthCheckContext(), default), condition, "The health");
    }

    private sealed class LogThatHangsOnce : ILogger<LuceneEngine>, IDisposable
    {
        private readonly ManualResetEventSlim _goOn = new();
        private int _entries;

        public int Entries => _entries;

        public void GoOn() => _goOn.Set();

        public void Dispose() => _goOn.Dispose();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (Interlocked.Increment(ref _entries) == 1)
            {
                _goOn.Wait();
            }
        }
    }
}
