package io.culvert.tunnel.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.message.TunnelMessage.HttpCancel;
import io.culvert.tunnel.message.TunnelMessage.HttpRequest;
import io.culvert.tunnel.message.TunnelMessage.HttpResponse;
import io.culvert.tunnel.message.TunnelMessage.WebSocketFrame;
import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.ControlChannel;
import io.culvert.tunnel.spi.TransportProvider;
import java.nio.ByteBuffer;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;

/** What the contract cannot ask for. */
class MemoryTransportTest {
    private final AgentContext context = mock(AgentContext.class);
    private final ControlChannel control = mock(ControlChannel.class);

    @Test
    void isFoundByItsNameAndStandsLast() {
        assertThat(ServiceLoader.load(TransportProvider.class))
                .filteredOn(provider -> provider.name().equals("memory"))
                .singleElement()
                .satisfies(provider -> assertThat(provider.preference()).isNegative());
    }

    @Test
    void aRelayInAnotherJvmIsToldWhatIsWrong() {
        AgentTransport agent = agent();
        agent.onMessage(new HttpRequest("01", "web", null));
        ArgumentCaptor<HttpCancel> answer = ArgumentCaptor.forClass(HttpCancel.class);
        verify(control).send(answer.capture());
        assertThat(answer.getValue().code()).isEqualTo("bad-configuration");
        assertThat(answer.getValue().reason()).contains("one JVM");
    }

    @Test
    void messagesWithBytesAreNoneOfThisTransport() {
        AgentTransport agent = agent();
        agent.onMessage(new HttpRequest("01", "web", ByteBuffer.allocate(1)));
        agent.onMessage(new HttpRequest("01", null, null));
        agent.onMessage(new HttpResponse("01", ByteBuffer.allocate(1)));
        agent.onMessage(new WebSocketFrame("01", Direction.UP, ByteBuffer.allocate(1)));
        verify(context, times(4)).protocolError(any());
    }

    private AgentTransport agent() {
        when(context.dataSecret()).thenReturn("of a relay elsewhere");
        when(context.control()).thenReturn(control);
        return new MemoryTransportProvider().agentHalf(context);
    }
}
