package io.culvert.tunnel.core.mux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.message.TunnelMessage.End;
import io.culvert.tunnel.message.TunnelMessage.HttpCancel;
import io.culvert.tunnel.message.TunnelMessage.HttpRequest;
import io.culvert.tunnel.message.TunnelMessage.HttpResponse;
import io.culvert.tunnel.message.TunnelMessage.WebSocketClose;
import io.culvert.tunnel.message.TunnelMessage.WebSocketFrame;
import io.culvert.tunnel.message.TunnelMessage.WebSocketReady;
import io.culvert.tunnel.message.TunnelMessage.WebSocketUpgrade;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.LocalConnection;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.spi.StreamRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;

class AgentMultiplexerTest {
    private final FakeSession session = new FakeSession();
    private final AgentTransport agent = StreamMultiplexer.agent(session);
    private final LocalConnection connection = mock(LocalConnection.class);

    @Test
    void anOpeningIsConnectedAndItsBytesAreThere() throws Exception {
        agent.onMessage(new HttpRequest("01", "web", bytes("GET ")));
        agent.onMessage(new HttpRequest("01", null, bytes("/")));
        assertThat(session.requests).containsExactly(new StreamRequest("01", StreamKind.HTTP, "web"));
        verify(connection, never()).join(any());
        session.answer.complete(connection);
        assertThat(read(joined())).isEqualTo("GET /");
        assertThat(session.taken()).isEmpty();
    }

    @Test
    void anUpgradeIsReportedBeforeItIsJoined() throws Exception {
        doAnswer(call -> {
                    assertThat(session.taken()).containsExactly(new WebSocketReady("02"));
                    return null;
                })
                .when(connection)
                .join(any());
        agent.onMessage(new WebSocketUpgrade("02", "web", bytes("GET")));
        agent.onMessage(new WebSocketFrame("02", Direction.UP, bytes(" /")));
        session.answer.complete(connection);
        DataStream stream = joined();
        assertThat(read(stream)).isEqualTo("GET /");
        stream.write(bytes("101"), new Ending());
        session.allTurns();
        assertThat(session.taken()).containsExactly(new WebSocketFrame("02", Direction.DOWN, bytes("101")));
    }

    @Test
    void answersGoBack() {
        agent.onMessage(new HttpRequest("01", "web", bytes("GET")));
        session.answer.complete(connection);
        DataStream stream = joined();
        stream.write(bytes("200"), new Ending());
        stream.end();
        session.allTurns();
        assertThat(session.taken()).containsExactly(new HttpResponse("01", bytes("200")), new End("01"));
        agent.onMessage(new End("01"));
        assertThat(session.reserved).isEqualTo(100_000);
        stream.close();
        assertThat(session.reserved).isZero();
    }

    @Test
    void aRefusalIsAnsweredWithItsReason() {
        agent.onMessage(new HttpRequest("01", "web", bytes("GET")));
        session.answer.completeExceptionally(new StreamException(TunnelError.LOCAL_REFUSED, "Nobody listens on 3000."));
        assertThat(session.taken()).containsExactly(new HttpCancel("01", "local-refused", "Nobody listens on 3000."));
        assertThat(session.reserved).isZero();
        agent.onMessage(new HttpRequest("01", null, bytes("more")));
        agent.onMessage(new End("01"));
        assertThat(session.strays).isEmpty();

        session.answer = CompletableFuture.failedFuture(new StreamException(TunnelError.UNKNOWN_TUNNEL, "No 'web'."));
        agent.onMessage(new WebSocketUpgrade("02", "web", null));
        assertThat(session.taken()).containsExactly(new WebSocketClose("02", "unknown-tunnel", "No 'web'."));
    }

    @Test
    void aConnectionThatComesTooLateIsAbandoned() {
        agent.onMessage(new HttpRequest("01", "web", bytes("GET")));
        agent.onMessage(new HttpCancel("01", "cancelled", "left"));
        session.answer.complete(connection);
        verify(connection).abandon(any(StreamException.class));
        verify(connection, never()).join(any());
        assertThat(session.taken()).isEmpty();
        assertThat(session.reserved).isZero();
    }

    @Test
    void anIdOpensOnce() {
        agent.onMessage(new HttpRequest("01", "web", null));
        agent.onMessage(new HttpRequest("01", "web", null));
        assertThat(session.protocolErrors).singleElement().asString().contains("opened twice");
        agent.onMessage(new HttpCancel("01", "cancelled", "left"));
        agent.onMessage(new WebSocketUpgrade("01", "web", null));
        assertThat(session.protocolErrors).hasSize(2);
        assertThat(session.requests).hasSize(1);
    }

    @Test
    void withoutMemoryNothingOpens() {
        session.budget = 99_999;
        agent.onMessage(new HttpRequest("01", "web", bytes("GET")));
        assertThat(session.taken()).singleElement().satisfies(message -> assertThat(((HttpCancel) message).code())
                .isEqualTo("overloaded"));
        assertThat(session.requests).isEmpty();
    }

    @Test
    void anOpeningMayNotExceedTheCredit() {
        session.receiveCredit = 2;
        agent.onMessage(new HttpRequest("01", "web", bytes("GET")));
        session.answer.complete(connection);
        verify(connection).abandon(any());
        assertThat(session.taken()).singleElement().satisfies(message -> assertThat(((HttpCancel) message).code())
                .isEqualTo("protocol"));
        assertThat(session.reserved).isZero();
    }

    @Test
    void bytesAreNeverTakenForAnOpening() {
        agent.onMessage(new HttpRequest("07", null, bytes("GET")));
        agent.onMessage(new WebSocketFrame("08", Direction.UP, bytes("GET")));
        assertThat(session.strays).containsExactly("07", "08");
        assertThat(session.requests).isEmpty();
    }

    @Test
    void whatAnAgentNeverGetsEndsTheSession() {
        agent.onMessage(new HttpResponse("01", bytes("x")));
        agent.onMessage(new WebSocketReady("01"));
        agent.onMessage(new WebSocketFrame("01", Direction.DOWN, bytes("x")));
        agent.onMessage(new HttpRequest("x".repeat(129), "web", null));
        assertThat(session.protocolErrors).hasSize(4);
    }

    @Test
    void theLossOfTheControlChannelResetsAll() {
        agent.onMessage(new HttpRequest("01", "web", null));
        session.answer.complete(connection);
        Ending end = new Ending();
        joined().onClosed(end::tell);
        agent.onControlLost();
        assertThat(end.error()).isEqualTo(TunnelError.LINK_LOST);
        assertThat(session.taken()).isEmpty();
        assertThat(session.reserved).isZero();
    }

    @Test
    void closingTellsTheRelay() {
        agent.onMessage(new HttpRequest("01", "web", null));
        agent.close();
        agent.close();
        assertThat(session.taken()).containsExactly(new HttpCancel("01", "closed", "The session is closed."));
        session.answer.complete(connection);
        verify(connection).abandon(any());
        agent.onMessage(new HttpRequest("02", "web", null));
        assertThat(session.taken()).singleElement().isInstanceOf(HttpCancel.class);
    }

    private DataStream joined() {
        ArgumentCaptor<DataStream> stream = ArgumentCaptor.forClass(DataStream.class);
        verify(connection).join(stream.capture());
        return stream.getValue();
    }

    private static String read(DataStream stream) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(1000);
        stream.read(target);
        return UTF_8.decode(target.flip()).toString();
    }

    private static ByteBuffer bytes(String text) {
        return UTF_8.encode(text);
    }
}
