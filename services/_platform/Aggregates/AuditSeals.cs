using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Itsm.Platform.Aggregates;

/// <summary>Section <c>Audit</c>: the keys with which the heads of histories are sealed, so that nobody who can write to the store alone
/// can write a history anew. To change the key, add another and name it as current; the old one stays for what was sealed with
/// it.</summary>
public sealed class AuditSettings
{
    /// <summary>Name of the key that seals; needed outside Development.</summary>
    public string? Current { get; set; }

    /// <summary>Keys by name: at least 32 bytes in Base64.</summary>
    public Dictionary<string, string> Keys { get; set; } = [];
}

/// <summary>Seals the heads of histories: HMAC-SHA256 over aggregate, number of entries and hash of the last.</summary>
internal sealed class AuditSeals
{
    private const int ShortestKey = 32;
    private readonly Dictionary<string, byte[]> _keys;
    private readonly string? _current;

    /// <exception cref="InvalidOperationException">A key is no key, or the current one is not there; the message says which.</exception>
    public AuditSeals(AuditSettings settings)
    {
        _keys = settings.Keys.ToDictionary(key => key.Key, key => Understood(key.Key, key.Value));
        _current = settings.Current is null || _keys.ContainsKey(settings.Current) ? settings.Current
            : throw new InvalidOperationException($"Audit:Keys:{settings.Current} is missing: Audit:Current names it as the key with which "
                + "histories are sealed.");
    }

    /// <summary>Seals the head of a history as of now; nothing where there is no key.</summary>
    public void Seal(Envelope envelope, Guid aggregate)
    {
        if (_current is not null)
        {
            (envelope.SealedWith, envelope.Seal) = (_current, Of(_keys[_current], envelope, aggregate));
        }
    }

    /// <summary>True where the head is the one that was sealed, or there is no key to seal with.</summary>
    public bool IsIntact(Envelope envelope, Guid aggregate) => _current is null
        || (envelope is { SealedWith: { } name, Seal: { } seal }
            && _keys.TryGetValue(name, out var key)
            && CryptographicOperations.FixedTimeEquals(seal, Of(key, envelope, aggregate)));

    /// <summary>Seals a text as of now; null where there is no key.</summary>
    public (string Key, byte[] Seal)? Sign(byte[] text) => _current is null ? null : (_current, HMACSHA256.HashData(_keys[_current], text));

    /// <summary>True where a seal of that key is that of this text.</summary>
    public bool Fits(string key, ReadOnlySpan<byte> seal, byte[] text) =>
        _keys.TryGetValue(key, out var known) && CryptographicOperations.FixedTimeEquals(seal, HMACSHA256.HashData(known, text));

    private static byte[] Of(byte[] key, Envelope envelope, Guid aggregate)
    {
        var text = new byte[16 + sizeof(long) + envelope.ChainHead.Length];
        aggregate.TryWriteBytes(text, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(text.AsSpan(16), envelope.Entries);
        envelope.ChainHead.CopyTo(text, 16 + sizeof(long));
        return HMACSHA256.HashData(key, text);
    }

    private static byte[] Understood(string name, string text)
    {
        var key = new byte[text.Length];
        return Convert.TryFromBase64String(text, key, out var length) && length >= ShortestKey ? key[..length]
            : throw new InvalidOperationException($"Audit:Keys:{name} is not a key of at least {ShortestKey} bytes in Base64.");
    }
}
