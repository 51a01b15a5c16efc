using System.Text.Json;
using System.Text.Json.Serialization;
using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Json;

/// <summary>Serializers made by the compiler: no reflection at run time.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    UseStringEnumConverter = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(TourDocument))]
[JsonSerializable(typeof(DoctorReport))]
internal sealed partial class ReportJsonContext : JsonSerializerContext;
