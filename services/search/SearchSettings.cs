using System.ComponentModel.DataAnnotations;

namespace Itsm.Search;

/// <summary>Section <c>Search</c>.</summary>
public sealed class SearchSettings
{
    /// <summary>How soon what was written can be found; 250 ms by default. Elasticsearch: its <c>refresh_interval</c>; embedded, how old
    /// what a search finds may be.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan Refresh { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often the embedded index is put on disk, and lets go of what it remembers until then; 5 s by default. What a crash
    /// takes away is said again by the services.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Commit { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the index is compared with the services; a day by default.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan CompareEvery { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Which engine <c>ConnectionStrings:elasticsearch</c> names; by default the engine is asked at the start.</summary>
    public Engines.Elasticsearch.SearchFlavor? Flavor { get; set; }

    /// <summary>API key for the engine, as it encodes it; by default the user and password of the connection string are sent.</summary>
    public string? ApiKey { get; set; }

    /// <summary>SHA-256 of a certificate of the engine or of its authority, in hexadecimal; by default certificates must be trusted by
    /// the machine.</summary>
    public string? CertificateFingerprint { get; set; }

    /// <summary>Path of a certificate by which the engine knows this service, with its key: PFX without a password, or PEM; by default
    /// none. It is read at the start.</summary>
    public string? ClientCertificate { get; set; }

    /// <summary>Path of the key of <see cref="ClientCertificate"/> in PEM; by default it is in the same file.</summary>
    public string? ClientCertificateKey { get; set; }

    /// <summary>True to ask the engine where its nodes are, when one does not answer and once an hour, and call all of them: for nodes that
    /// are reached at the addresses that they publish, not through a load balancer. False by default.</summary>
    public bool Sniffs { get; set; }

    /// <summary>The model of sentences that tells what tickets mean, so that they are found by other words, too; by default none. What is
    /// indexed already is looked at in the background.</summary>
    public Meanings.SentenceModel? Model { get; set; }

    /// <summary>Words that are not searched for, whatever the language; by default those of English and of German. Takes effect with a rebuild.</summary>
    public IList<string> StopWords { get; } = [];

    /// <summary>Words that mean the same, a set a line: <c>laptop, notebook</c>. Takes effect with a rebuild.</summary>
    public IList<string> Synonyms { get; } = [];
}
