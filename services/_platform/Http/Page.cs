using System.Text.Json.Serialization;

namespace Itsm.Platform.Http;

/// <summary>What a list answers.</summary>
/// <param name="Items">At most as many as <c>limit</c> says.</param>
/// <param name="Next">The cursor of the next page; null on the last.</param>
/// <param name="Count">How many there are in all that the caller may see; only where <c>count=true</c> asks for it.</param>
public sealed record Page<T>(
    IReadOnlyList<T> Items, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Next, long? Count);
