using SkiaSharp;

namespace Itsm.Ticketing.Attachments;

/// <summary>Small pictures of images.</summary>
internal static class Thumbnails
{
    /// <summary>What they are.</summary>
    public const string MediaType = "image/webp";

    private const int LongestSide = 320;
    private const int Quality = 80;

    /// <summary>More would take more than 64 MiB to decode.</summary>
    private const long MostPixels = 16 * 1024 * 1024;

    private static readonly HashSet<string> Decoded = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"];
    private static readonly SemaphoreSlim OneAtATime = new(1);

    /// <summary>How large an image is, and a small picture of it, which is null where the image is too large to decode.</summary>
    /// <returns>Null where it is no image, or not whole.</returns>
    public static async Task<(ImageSize Size, byte[]? Small)?> OfAsync(string mediaType, Stream content, CancellationToken ct)
    {
        if (!Decoded.Contains(mediaType))
        {
            return null;
        }

        await OneAtATime.WaitAsync(ct);
        try
        {
            return Of(content);
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    private static (ImageSize Size, byte[]? Small)? Of(Stream content)
    {
        using var codec = SKCodec.Create(content);
        if (codec is null)
        {
            return null;
        }

        var (info, turned) = (codec.Info, Turn(codec.EncodedOrigin));
        var size = turned is 90 or 270 ? new ImageSize(info.Height, info.Width) : new ImageSize(info.Width, info.Height);
        var scale = Math.Min(1f, (float)LongestSide / Math.Max(info.Width, info.Height));

        // Some codecs decode small what is large, and yet hold all of it meanwhile.
        if ((long)info.Width * info.Height > MostPixels)
        {
            return (size, null);
        }

        var decoded = codec.GetScaledDimensions(scale);

        using var bitmap = new SKBitmap(new SKImageInfo(decoded.Width, decoded.Height, SKColorType.Rgba8888, SKAlphaType.Premul));
        if (codec.GetPixels(bitmap.Info, bitmap.GetPixels()) is not (SKCodecResult.Success or SKCodecResult.IncompleteInput))
        {
            return null;
        }

        var (width, height) = (Side(info.Width), Side(info.Height));
        using var surface = SKSurface.Create(turned is 90 or 270
            ? new SKImageInfo(height, width) : new SKImageInfo(width, height));
        var canvas = surface.Canvas;
        canvas.Translate(surface.Canvas.DeviceClipBounds.Width / 2f, surface.Canvas.DeviceClipBounds.Height / 2f);
        canvas.RotateDegrees(turned);
        using var image = SKImage.FromBitmap(bitmap);
        canvas.DrawImage(image, SKRect.Create(-width / 2f, -height / 2f, width, height), new SKSamplingOptions(SKCubicResampler.Mitchell));
        using var small = surface.Snapshot();
        using var data = small.Encode(SKEncodedImageFormat.Webp, Quality);
        return (size, data.ToArray());

        int Side(int pixels) => Math.Max(1, (int)Math.Round(pixels * scale));
    }

    /// <summary>Degrees to turn it by, clockwise: cameras write down how they were held.</summary>
    private static int Turn(SKEncodedOrigin origin) => origin switch
    {
        SKEncodedOrigin.BottomRight or SKEncodedOrigin.BottomLeft => 180,
        SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom => 90,
        SKEncodedOrigin.LeftBottom or SKEncodedOrigin.LeftTop => 270,
        _ => 0,
    };
}
