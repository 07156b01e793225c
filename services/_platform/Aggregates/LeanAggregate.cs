using System.Buffers;
using System.Text;
using Itsm.Platform.Documents;
using MongoDB.Bson.Serialization;

namespace Itsm.Platform.Aggregates;

/// <summary>Loads aggregates to be asked for their actions, not to be changed: without what is
/// <see cref="UnusedByActionsAttribute"/>.</summary>
internal static class LeanAggregate<T>
    where T : Aggregate
{
    private static readonly byte[][] LeftOut =
    [
        .. BsonClassMap.LookupClassMap(typeof(T)).AllMemberMaps
            .Where(member => member.MemberInfo.IsDefined(typeof(UnusedByActionsAttribute), inherit: true))
            .Select(member => Encoding.UTF8.GetBytes(member.ElementName)),
    ];

    public static T Load(StoredDocument document)
    {
        var lean = ArrayPool<byte>.Shared.Rent(document.Body.Length);
        try
        {
            return BsonMapping.FromBytes<T>(lean.AsMemory(0, RawBson.CopyWithout(document.Body.Span, LeftOut, lean)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(lean);
        }
    }
}
