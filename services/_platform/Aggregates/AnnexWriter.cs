using System.Text.Json;
using Itsm.Platform.Documents;

namespace Itsm.Platform.Aggregates;

/// <summary>How an annex is written.</summary>
internal readonly record struct AnnexWriter(string Name, Action<Utf8JsonWriter, RawElement, DateTimeOffset> Write, DateTimeOffset Now);
