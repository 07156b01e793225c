using Itsm.Platform.Documents;

namespace Itsm.Ticketing.Attachments;

/// <summary>The parts of a file as one stream to read, from any place; a part is opened when it is come to.</summary>
/// <param name="parts">In order.</param>
/// <param name="open">Opens a part.</param>
internal sealed class PartsStream(IReadOnlyList<AttachmentPart> parts, Func<AttachmentPart, CancellationToken, Task<Stream>> open)
    : ContentStream
{
    private Stream? _part;
    private int _number = -1;
    private long _begins;

    public override long Length { get; } = parts.Sum(part => part.Size);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= Length || buffer.Length == 0)
        {
            return 0;
        }

        if (_part is null || Position < _begins || Position >= _begins + parts[_number].Size)
        {
            await OpenAsync(cancellationToken);
        }

        if (_part!.Position != Position - _begins)
        {
            _part.Position = Position - _begins;
        }

        var read = await _part.ReadAsync(buffer, cancellationToken);
        Position += read;
        return read > 0 ? read : throw new EndOfStreamException($"A part has fewer bytes than {parts[_number].Size}.");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _part?.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task OpenAsync(CancellationToken ct)
    {
        if (_part is not null)
        {
            await _part.DisposeAsync();
        }

        for ((_number, _begins) = (0, 0); Position >= _begins + parts[_number].Size; _number++)
        {
            _begins += parts[_number].Size;
        }

        _part = await open(parts[_number], ct);
    }
}
