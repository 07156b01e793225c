using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;

namespace Itsm.Assets;

/// <summary>Names what another asset has already.</summary>
internal static class AssetTwins
{
    /// <exception cref="RuleViolationException"><c>duplicate</c>.</exception>
    public static async Task<IResult> NameAsync(Task<IResult> writing, string? tag, string? serialNumber)
    {
        try
        {
            return await writing;
        }
        catch (DuplicateKeyException e) when (e.Fields[0] == "tagKey" && tag is not null)
        {
            throw new RuleViolationException("duplicate", $"Another asset has the tag {tag.Quoted}.");
        }
        catch (DuplicateKeyException e) when (e.Fields[0] == "serialKey" && serialNumber is not null)
        {
            throw new RuleViolationException("duplicate",
                $"Another asset of this manufacturer has the serial number {serialNumber.Quoted}.");
        }
    }
}
