using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Itsm.Platform.Documents;

/// <summary>Ids that follow from what a document stands for, so that making it twice makes it once.</summary>
public static class DerivedId
{
    /// <summary>A UUID (version 8) from the SHA-256 of these parts; the same parts give the same id on every machine.</summary>
    public static Guid From(params ReadOnlySpan<string> parts)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts!)), hash);
        return Of(hash);
    }

    /// <summary>The same, sorted by an instant, as UUIDv7 are: what is written one after another stands together in the store.</summary>
    /// <param name="at">Of the same thing always the same; millisecond precision.</param>
    /// <param name="parts">What it stands for.</param>
    public static Guid At(DateTimeOffset at, params ReadOnlySpan<string> parts)
    {
        Span<byte> hash = stackalloc byte[32];
        Span<byte> time = stackalloc byte[8];
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts!)), hash);
        BinaryPrimitives.WriteInt64BigEndian(time, at.ToUnixTimeMilliseconds());
        time[2..].CopyTo(hash);
        return Of(hash);
    }

    private static Guid Of(Span<byte> hash)
    {
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
