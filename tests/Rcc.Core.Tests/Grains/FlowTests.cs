namespace Rcc.Core.Tests.Grains;

public sealed class ConversationFlowTests() : ConversationFlow(new MemoryStage());

public sealed class PeopleFlowTests() : PeopleFlow(new MemoryStage());

public sealed class TwoNodesFlowTests() : TwoNodesFlow(new MemoryStage());

public sealed class RoutingFlowTests() : RoutingFlow(new MemoryStage());

public sealed class TransferFlowTests() : TransferFlow(new MemoryStage());

public sealed class PresenceFlowTests() : PresenceFlow(new MemoryStage());
