using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Itsm.Benchmarks;

// In this process: the repository's build settings are not those that a generated project would find.
BenchmarkSwitcher.FromAssembly(typeof(ClockBenchmarks).Assembly).Run(args.Length > 0 ? args : ["--filter", "*"],
    DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)));
