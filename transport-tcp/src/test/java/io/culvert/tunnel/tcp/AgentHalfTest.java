package io.culvert.tunnel.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.jetty.internal.agent.JettyAgentNetwork;
import io.culvert.tunnel.message.TunnelMessage.HttpCancel;
import io.culvert.tunnel.message.TunnelMessage.HttpRequest;
import io.culvert.tunnel.message.TunnelMessage.Slots;
import io.culvert.tunnel.message.TunnelMessage.WebSocketClose;
import io.culvert.tunnel.message.TunnelMessage.WebSocketReady;
import io.culvert.tunnel.message.TunnelMessage.WebSocketUpgrade;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.LocalConnection;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.spi.StreamRequest;
import io.culvert.tunnel.testkit.StreamProbe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The agent's half against a relay made by hand. */
class AgentHalfTest {
    private static final String UPGRADED =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: culvert\r\n\r\n";

    private final List<Socket> sockets = new ArrayList<>();
    private final BlockingQueue<Local> locals = new LinkedBlockingQueue<>();
    private ServerSocket relay;
    private JettyAgentNetwork network;
    private SessionContext context;
    private AgentTransport agent;

    /** A local service that is connected, and what becomes of that. */
    private static final class Local implements LocalConnection {
        final StreamRequest request;
        final CompletableFuture<LocalConnection> answer = new CompletableFuture<>();
        final CompletableFuture<DataStream> joined = new CompletableFuture<>();
        final CompletableFuture<Throwable> abandoned = new CompletableFuture<>();

        Local(StreamRequest request) {
            this.request = request;
        }

        void accept() {
            answer.complete(this);
        }

        void refuse(TunnelError error) {
            answer.completeExceptionally(new StreamException(error, "refused by the test"));
        }

        @Override
        public void join(DataStream stream) {
            joined.complete(stream);
        }

        @Override
        public void abandon(Throwable cause) {
            abandoned.complete(cause);
        }
    }

    /** A data connection that the agent dialled. */
    private record Dial(Socket socket, String id, String head) {
        void answer(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        void expectReset() {
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
        }
    }

    @BeforeEach
    void start() throws Exception {
        relay = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        relay.setSoTimeout(20_000);
        network = new JettyAgentNetwork();
        context = new SessionContext(URI.create("ws://127.0.0.1:" + relay.getLocalPort()), null, network);
        context.acceptor = request -> {
            Local local = new Local(request);
            locals.add(local);
            return local.answer;
        };
        agent = new DedicatedTcpTransportProvider().agentHalf(context);
    }

    @AfterEach
    void stop() throws Exception {
        agent.close();
        agent.close();
        network.close();
        relay.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private Dial dialled() throws IOException {
        Socket socket = relay.accept();
        sockets.add(socket);
        socket.setSoTimeout(20_000);
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) socket.getInputStream().read());
        }
        String path = head.substring(0, head.indexOf(" HTTP/1.1\r\n"));
        assertThat(path).startsWith("GET /_ws_proxy/");
        assertThat(head).contains("Authorization: Bearer " + SessionContext.SECRET + "\r\n");
        return new Dial(socket, path.substring("GET /_ws_proxy/".length()), head.toString());
    }

    private Local local() throws InterruptedException {
        Local next = locals.poll(20, TimeUnit.SECONDS);
        assertThat(next).as("a wish for a local service").isNotNull();
        return next;
    }

    private static HttpRequest http(String id) {
        return new HttpRequest(id, "demo", null);
    }

    private static WebSocketUpgrade upgrade(String id) {
        return new WebSocketUpgrade(id, "demo", null);
    }

    private Dial waitingSlot(String id) throws IOException {
        agent.onMessage(new Slots(List.of(id)));
        Dial dial = dialled();
        assertThat(dial.id()).isEqualTo(id);
        dial.answer(UPGRADED);
        return dial;
    }

    @Test
    void theLocalServiceComesFirstThenReadyThenTheDial() throws Exception {
        String id = SessionContext.id();
        agent.onMessage(upgrade(id));
        Local local = local();
        assertThat(local.request).isEqualTo(new StreamRequest(id, StreamKind.UPGRADE, "demo"));
        assertThat(context.nothingSent()).isTrue();
        local.accept();
        assertThat(context.sent(WebSocketReady.class).connectionId()).isEqualTo(id);
        Dial dial = dialled();
        assertThat(dial.id()).isEqualTo(id);
        dial.answer(UPGRADED + "glued to the head");
        StreamProbe stream = new StreamProbe(StreamProbe.await(local.joined));
        assertThat(stream.readBytes(17)).asString().isEqualTo("glued to the head");
        stream.write("back".getBytes());
        assertThat(dial.socket().getInputStream().readNBytes(4)).asString().isEqualTo("back");
    }

    @Test
    void aRefusalIsToldAndNothingIsDialled() throws Exception {
        String id = SessionContext.id();
        agent.onMessage(http(id));
        local().refuse(TunnelError.LOCAL_REFUSED);
        HttpCancel cancel = context.sent(HttpCancel.class);
        assertThat(cancel).isEqualTo(new HttpCancel(id, "local-refused", "refused by the test"));
        agent.onMessage(new HttpCancel(id, "open-timeout", "crossed")); // no stray
        assertThat(context.strays).isEmpty();
    }

    @Test
    void aSlotTakesWhatArrivesBeforeItsOpening() throws Exception {
        String id = SessionContext.id();
        Dial dial = waitingSlot(id);
        dial.answer("request");
        await().until(() -> context.time.waiting() == 1); // it was seen
        agent.onMessage(http(id));
        assertThat(context.time.waiting())
                .as("what still waits for the opening")
                .isZero();
        dial.answer(" and body");
        Local local = local();
        local.accept();
        StreamProbe stream = new StreamProbe(StreamProbe.await(local.joined));
        assertThat(stream.readBytes(16)).asString().isEqualTo("request and body");
        context.time.advance(SessionContext.OPEN_TIMEOUT.multipliedBy(2));
        dial.answer("!");
        assertThat(stream.readBytes(1)).asString().isEqualTo("!");
    }

    @Test
    void anOpeningTakesTheSlotThatItNames() throws Exception {
        String id = SessionContext.id();
        agent.onMessage(new Slots(List.of(id)));
        agent.onMessage(http(id)); // still dialled
        Local local = local();
        local.accept();
        Dial dial = dialled();
        assertThat(dial.id()).isEqualTo(id);
        assertThat(local.joined).isNotDone();
        dial.answer(UPGRADED + "early");
        StreamProbe stream = new StreamProbe(StreamProbe.await(local.joined));
        assertThat(stream.readBytes(5)).asString().isEqualTo("early");
        dial.answer("late");
        assertThat(stream.readBytes(4)).asString().isEqualTo("late");
        assertThat(context.nothingSent()).isTrue();
    }

    @Test
    void aRefusalLeavesClosingTheSlotToTheRelayForAWhile() throws Exception {
        String id = SessionContext.id();
        Dial dial = waitingSlot(id);
        agent.onMessage(upgrade(id));
        local().refuse(TunnelError.LOCAL_TIMEOUT);
        assertThat(context.sent(WebSocketClose.class).code()).isEqualTo("local-timeout");
        dial.socket().setSoTimeout(200);
        assertThatThrownBy(() -> dial.socket().getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        dial.socket().setSoTimeout(20_000);
        context.time.advance(Duration.ofSeconds(5));
        dial.expectReset();
    }

    @Test
    void bytesWithoutAnOpeningAreGivenUp() throws Exception {
        Dial dial = waitingSlot(SessionContext.id());
        dial.answer("request");
        await().until(() -> context.time.waiting() == 1);
        context.time.advance(SessionContext.OPEN_TIMEOUT);
        dial.expectReset();
    }

    @Test
    void losingTheControlChannelGivesUpWhatItWouldHaveCarried() throws Exception {
        Dial waiting = waitingSlot(SessionContext.id());
        Dial unnamed = waitingSlot(SessionContext.id());
        unnamed.answer("request");
        await().until(() -> context.time.waiting() == 1);
        Dial named = waitingSlot(SessionContext.id());
        agent.onMessage(http(named.id()));
        Local goesOn = local();
        agent.onMessage(upgrade(SessionContext.id()));
        Local lost = local();

        agent.onControlLost();
        unnamed.expectReset();
        lost.accept();
        assertThat(StreamException.errorOf(StreamProbe.await(lost.abandoned))).isEqualTo(TunnelError.LINK_LOST);
        goesOn.accept();
        StreamProbe.await(goesOn.joined);

        agent.onControlRestored();
        agent.onMessage(http(waiting.id()));
        Local next = local();
        next.accept();
        assertThat(StreamProbe.await(next.joined).id()).isEqualTo(waiting.id());
    }

    @Test
    void aDialThatTheRelayTurnsAwayIsAReset() throws Exception {
        agent.onMessage(http(SessionContext.id()));
        Local local = local();
        local.accept();
        dialled().answer("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        assertThat(context.sent(HttpCancel.class).code()).isEqualTo("relay-unreachable");
        StreamProbe.await(local.abandoned);
    }

    @Test
    void slotsAreDialledAFewAtATime() throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            ids.add(SessionContext.id());
        }
        agent.onMessage(new Slots(ids));
        List<Dial> first = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            first.add(dialled());
        }
        relay.setSoTimeout(200);
        assertThatThrownBy(this::dialled).isInstanceOf(SocketTimeoutException.class);
        relay.setSoTimeout(20_000);
        agent.onMessage(http(ids.get(19))); // an opening overtakes the queue
        local().accept();
        assertThat(dialled().id()).isEqualTo(ids.get(19));
        first.get(0).answer(UPGRADED);
        first.get(1).answer("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        dialled();
    }

    @Test
    void whatTheRelayCancelsIsNotDialled() throws Exception {
        String id = SessionContext.id();
        agent.onMessage(upgrade(id));
        Local local = local();
        agent.onMessage(new WebSocketClose(id, "cancelled", "the visitor left"));
        local.accept();
        Throwable cause = StreamProbe.await(local.abandoned);
        assertThat(StreamException.errorOf(cause)).isEqualTo(TunnelError.CANCELLED);
        assertThat(cause).hasMessageContaining("the visitor left");
        assertThat(context.nothingSent()).isTrue();
    }

    @Test
    void malformedIdsAreAnError() {
        agent.onMessage(new Slots(List.of("../_tunnel/control")));
        agent.onMessage(http("x\r\nEvil: 1"));
        agent.onMessage(new HttpRequest(SessionContext.id(), "demo", ByteBuffer.wrap(new byte[1])));
        assertThat(context.protocolErrors).hasSize(3);
    }

    @Test
    void closingResetsEverything() throws Exception {
        Dial waiting = waitingSlot(SessionContext.id());
        String id = SessionContext.id();
        agent.onMessage(http(id));
        Local local = local();
        local.accept();
        Dial open = dialled();
        open.answer(UPGRADED);
        StreamProbe stream = new StreamProbe(StreamProbe.await(local.joined));
        agent.onMessage(http(SessionContext.id()));
        Local pending = local();
        agent.close();
        stream.expectReset(TunnelError.CLOSED);
        stream.expectFailed();
        open.expectReset();
        waiting.expectReset();
        pending.accept();
        StreamProbe.await(pending.abandoned);
    }
}
