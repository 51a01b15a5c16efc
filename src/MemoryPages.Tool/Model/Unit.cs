using System.Text.Json.Serialization;

namespace MemoryPages.Tool.Model;

/// <summary>What a measurement counts.</summary>
internal enum Unit
{
    [JsonStringEnumMemberName("bytes")]
    Bytes,

    [JsonStringEnumMemberName("faults")]
    Faults,

    [JsonStringEnumMemberName("milliseconds")]
    Milliseconds,

    [JsonStringEnumMemberName("bytes/second")]
    BytesPerSecond,

    [JsonStringEnumMemberName("lines")]
    Lines,

    [JsonStringEnumMemberName("times")]
    Times,
}
