using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Rcc.Server;

/// <summary>Sends traces and metrics by OTLP when the environment variable <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, and costs nothing when it is not. The exporter reads the other OTEL_ variables itself.</summary>
internal sealed class Telemetry : IHostedService, IDisposable
{
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    static readonly string[] Sources =
    [
        "Rcc.*", "Microsoft.AspNetCore", "Microsoft.AspNetCore.SignalR.Server", "Npgsql", "Microsoft.Orleans.Runtime", "Microsoft.Orleans.Application", "Microsoft.Orleans.Storage",
    ];

    static readonly string[] Meters =
    [
        "Rcc.*", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Http.Connections", "Microsoft.AspNetCore.RateLimiting",
        "Npgsql", "Microsoft.Orleans", "System.Runtime",
    ];

    MeterProvider? meters;
    TracerProvider? tracers;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(EndpointVariable) is not { Length: > 0 } endpoint) return Task.CompletedTask;
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out _))
            throw new InvalidOperationException($"{EndpointVariable} is '{endpoint}'; it must be an absolute address.");

        var resource = ResourceBuilder.CreateDefault().AddService("rcc", serviceVersion: typeof(Telemetry).Assembly.GetName().Version?.ToString());
        tracers = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Sources).AddOtlpExporter().Build();
        meters = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Meters).AddOtlpExporter().Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Disposing sends what is still held.</summary>
    public void Dispose()
    {
        tracers?.Dispose();
        meters?.Dispose();
    }
}
