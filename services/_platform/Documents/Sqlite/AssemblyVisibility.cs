using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Itsm.Platform.Tests")]
