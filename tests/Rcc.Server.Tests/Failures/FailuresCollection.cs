namespace Rcc.Server.Tests.Failures;

/// <summary>Tests that run servers in processes of their own, one test at a time: each of them keeps a small machine busy.</summary>
[CollectionDefinition(nameof(Failures))]
public sealed class FailuresCollection;
