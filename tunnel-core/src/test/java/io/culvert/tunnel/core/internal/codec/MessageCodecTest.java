package io.culvert.tunnel.core.internal.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.Allowance;
import io.culvert.tunnel.message.TunnelMessage.Credit;
import io.culvert.tunnel.message.TunnelMessage.Drain;
import io.culvert.tunnel.message.TunnelMessage.Drained;
import io.culvert.tunnel.message.TunnelMessage.End;
import io.culvert.tunnel.message.TunnelMessage.Expose;
import io.culvert.tunnel.message.TunnelMessage.Exposed;
import io.culvert.tunnel.message.TunnelMessage.Grant;
import io.culvert.tunnel.message.TunnelMessage.HttpCancel;
import io.culvert.tunnel.message.TunnelMessage.HttpRequest;
import io.culvert.tunnel.message.TunnelMessage.HttpResponse;
import io.culvert.tunnel.message.TunnelMessage.Limits;
import io.culvert.tunnel.message.TunnelMessage.Login;
import io.culvert.tunnel.message.TunnelMessage.Ping;
import io.culvert.tunnel.message.TunnelMessage.Pong;
import io.culvert.tunnel.message.TunnelMessage.Protection;
import io.culvert.tunnel.message.TunnelMessage.Refused;
import io.culvert.tunnel.message.TunnelMessage.Register;
import io.culvert.tunnel.message.TunnelMessage.Registered;
import io.culvert.tunnel.message.TunnelMessage.Slots;
import io.culvert.tunnel.message.TunnelMessage.WebSocketClose;
import io.culvert.tunnel.message.TunnelMessage.WebSocketFrame;
import io.culvert.tunnel.message.TunnelMessage.WebSocketReady;
import io.culvert.tunnel.message.TunnelMessage.WebSocketUpgrade;
import io.culvert.tunnel.message.TunnelMessage.Wish;
import io.culvert.tunnel.message.TunnelMessage.Withdraw;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageCodecTest {
    private final MessageCodec codec = new MessageCodec();

    /** Each message with the text that the protocol has for it. */
    static Stream<Map.Entry<TunnelMessage, String>> messages() {
        return Stream.of(
                Map.entry(
                        new Register(
                                1,
                                "a1",
                                List.of(
                                        new Wish("0", null, null, null, null, null),
                                        new Wish("1", "shop", "shop.test", 0, "localhost:3000", null)),
                                List.of("tcp", "control"),
                                262144),
                        "{'type':'register','version':1,'agent_id':'a1','tunnels':[{'ref':'0'},"
                                + "{'ref':'1','name':'shop','host':'shop.test','port':0,'host_header':'localhost:3000'}],"
                                + "'transports':['tcp','control'],'credit':262144}"),
                Map.entry(
                        new Registered(
                                "s1",
                                "secret",
                                List.of(
                                        new Grant("0", "blue", "http://blue.test", null, null, false),
                                        new Grant("1", null, null, "name-taken", "It is \"taken\".", false)),
                                "tcp",
                                Map.of("slots", "4"),
                                new Limits(262144, 15000, 30000)),
                        "{'type':'registered','session':'s1','data_secret':'secret','tunnels':["
                                + "{'ref':'0','name':'blue','url':'http://blue.test'},"
                                + "{'ref':'1','code':'name-taken','message':'It is \\\"taken\\\".'}],"
                                + "'transport':'tcp','parameters':{'slots':'4'},"
                                + "'limits':{'credit':262144,'ping_millis':15000,'grace_millis':30000}}"),
                Map.entry(
                        new Refused("unauthorized", "Nø.", false),
                        "{'type':'refused','code':'unauthorized','message':'Nø.','retryable':false}"),
                Map.entry(
                        new Expose(new Wish(
                                "3",
                                null,
                                null,
                                null,
                                null,
                                new Protection(
                                        List.of(new Login("c2FsdA==", "aGFzaA==")),
                                        List.of("10.0.0.0/8"),
                                        List.of("10.1.0.0/16"),
                                        new Allowance(600, 60_000),
                                        new Allowance(10, 1_000),
                                        20,
                                        1_000_000L))),
                        "{'type':'expose','tunnel':{'ref':'3','protection':{'logins':[{'salt':'c2FsdA==','hash':'aGFzaA=='}],"
                                + "'allow':['10.0.0.0/8'],'deny':['10.1.0.0/16'],"
                                + "'requests':{'count':600,'per_millis':60000},"
                                + "'requests_per_visitor':{'count':10,'per_millis':1000},"
                                + "'concurrent_requests':20,'body_bytes':1000000}}}"),
                Map.entry(
                        new Expose(new Wish("2", "b", null, null, null, null)),
                        "{'type':'expose','tunnel':{'ref':'2','name':'b'}}"),
                Map.entry(
                        new Exposed(new Grant("3", "c", "http://c.test", null, null, true)),
                        "{'type':'exposed','tunnel':{'ref':'3','name':'c','url':'http://c.test','protected':true}}"),
                Map.entry(
                        new Exposed(new Grant("2", "b", "http://b.test", null, null, false)),
                        "{'type':'exposed','tunnel':{'ref':'2','name':'b','url':'http://b.test'}}"),
                Map.entry(new Withdraw("b", null), "{'type':'withdraw','tunnel':'b'}"),
                Map.entry(new Withdraw("c", 29000L), "{'type':'withdraw','tunnel':'c','deadline_millis':29000}"),
                Map.entry(
                        new HttpRequest("01", "b", bytes("GET /")),
                        "{'type':'httprequest','request_id':'01','tunnel':'b','payload':'R0VUIC8='}"),
                Map.entry(new HttpRequest("01", null, null), "{'type':'httprequest','request_id':'01'}"),
                Map.entry(
                        new HttpResponse("01", bytes("HTTP/1.1")),
                        "{'type':'httpresponse','request_id':'01','payload':'SFRUUC8xLjE='}"),
                Map.entry(
                        new HttpCancel("01", "local-refused", "down"),
                        "{'type':'httpcancel','request_id':'01','code':'local-refused','reason':'down'}"),
                Map.entry(
                        new WebSocketUpgrade("02", "b", bytes("GET")),
                        "{'type':'websocketupgrade','connection_id':'02','tunnel':'b','initial_request':'R0VU'}"),
                Map.entry(
                        new WebSocketUpgrade("02", "b", null),
                        "{'type':'websocketupgrade','connection_id':'02','tunnel':'b'}"),
                Map.entry(new WebSocketReady("02"), "{'type':'websocketready','connection_id':'02'}"),
                Map.entry(
                        new WebSocketFrame("02", Direction.UP, bytes("a")),
                        "{'type':'websocketframe','connection_id':'02','direction':'up','data':'YQ=='}"),
                Map.entry(
                        new WebSocketFrame("02", Direction.DOWN, bytes("")),
                        "{'type':'websocketframe','connection_id':'02','direction':'down','data':''}"),
                Map.entry(
                        new WebSocketClose("02", "reset", ""),
                        "{'type':'websocketclose','connection_id':'02','code':'reset','reason':''}"),
                Map.entry(new Slots(List.of("03", "04")), "{'type':'slots','connection_ids':['03','04']}"),
                Map.entry(new Credit("01", 1L << 40), "{'type':'credit','stream_id':'01','bytes':1099511627776}"),
                Map.entry(new End("01"), "{'type':'end','stream_id':'01'}"),
                Map.entry(new Ping(Long.MIN_VALUE), "{'type':'ping','nonce':-9223372036854775808}"),
                Map.entry(new Pong(7), "{'type':'pong','nonce':7}"),
                Map.entry(new Drain(5000, "replaced"), "{'type':'drain','deadline_millis':5000,'code':'replaced'}"),
                Map.entry(new Drained(), "{'type':'drained'}"));
    }

    @Test
    void noRecordIsForgotten() {
        Set<Class<?>> tried = messages().map(entry -> entry.getKey().getClass()).collect(Collectors.toSet());
        assertThat(tried).isEqualTo(records(TunnelMessage.class).collect(Collectors.toSet()));
    }

    private static Stream<Class<?>> records(Class<?> type) {
        return type.isRecord()
                ? Stream.of(type)
                : Arrays.stream(type.getPermittedSubclasses()).flatMap(MessageCodecTest::records);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void writesWhatTheProtocolSays(Map.Entry<TunnelMessage, String> entry) {
        assertThat(UTF_8.decode(codec.encode(entry.getKey())).toString()).isEqualTo(json(entry.getValue()));
    }

    @Test
    void aProtectionThatIsNotKnownIsNoProtectionLeftOut() {
        assertThatThrownBy(() -> codec.decode(
                        UTF_8.encode(json("{'type':'expose','tunnel':{'ref':'3','protection':{'oauth':'x'}}}"))))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("'oauth'");
    }

    @ParameterizedTest
    @MethodSource("messages")
    void readsWhatItWrites(Map.Entry<TunnelMessage, String> entry) throws Exception {
        assertThat(codec.decode(codec.encode(entry.getKey()))).isEqualTo(entry.getKey());
    }

    @ParameterizedTest
    @MethodSource("messages")
    void theTypeMayComeLastAndUnknownFieldsAnywhere(Map.Entry<TunnelMessage, String> entry) throws Exception {
        String text = entry.getValue();
        int comma = text.contains(",") ? text.indexOf(',') : text.length() - 1;
        String type = text.substring(1, comma);
        String rest = text.length() - 1 == comma ? "" : text.substring(comma + 1, text.length() - 1) + ",";
        String turned = "{'later':[{'x':'y'},1.5],'flag':null," + rest + "'more':{'a':{}}," + type + "}";
        assertThat(decode(json(turned))).isEqualTo(entry.getKey());
    }

    @ParameterizedTest
    @MethodSource("messages")
    void everyFieldIsCheckedForItsTypeAndItsPresence(Map.Entry<TunnelMessage, String> entry) throws Exception {
        String text = json(entry.getValue());
        for (String field : text.replaceAll("\\{\"type\":\"[a-z]+\",?|}$", "").split(",(?=\"[a-z_]+\":)")) {
            if (field.startsWith("\"")
                    && text.indexOf(field) == text.lastIndexOf(field)
                    && !field.contains("[")
                    && !field.contains("{")
                    && !field.contains("]")
                    && !field.contains("}")) {
                String name = field.substring(1, field.indexOf('"', 1));
                String mistyped = text.replace(field, "\"" + name + "\":[]");
                assertThatThrownBy(() -> decode(mistyped), mistyped)
                        .isInstanceOf(MalformedMessageException.class)
                        .hasMessageContaining("'" + name + "' must be");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type':'end'}|'stream_id' is missing",
                "{'type':'end','stream_id':null}|'stream_id' is missing",
                "{'type':'end','stream_id':5}|'stream_id' must be a string",
                "{'stream_id':'SECRET'}|'type' is missing",
                "{'type':7}|'type' must be a string",
                "{'type':'credit','stream_id':'x'}|'bytes' is missing",
                "{'type':'credit','stream_id':'x','bytes':'5'}|'bytes' must be a whole number",
                "{'type':'credit','stream_id':'x','bytes':1.5}|'bytes' must be a whole number",
                "{'type':'credit','stream_id':'x','bytes':99999999999999999999}|'bytes' must be a whole number",
                "{'type':'register','version':4294967297}|'version' must be a whole number of 32 bits",
                "{'type':'refused','code':'x','message':'y','retryable':'no'}|'retryable' must be true or false",
                "{'type':'websocketframe','connection_id':'x','direction':'UP','data':''}|'direction' must be 'up' or",
                "{'type':'httpresponse','request_id':'x'}|'payload' is missing",
                "{'type':'httpresponse','request_id':'x','payload':'SECRET!!'}|'payload' must be standard base64",
                "{'type':'httpresponse','request_id':'x','payload':'YQ'}|'payload' must be standard base64",
                "{'type':'httpresponse','request_id':'x','payload':'YQ='}|'payload' must be standard base64",
                "{'type':'httpresponse','request_id':'x','payload':'Y Q=='}|'payload' must be standard base64",
                "{'type':'httpresponse','request_id':'x','payload':' YQ=='}|'payload' must be standard base64",
                "{'type':'httpresponse','request_id':'x','payload':'YQ== '}|'payload' must be standard base64",
                "{'type':'httpresponse','request_id':'x','payload':'YWJj\\nYQ=='}|'payload' must be standard base64",
                "{'type':'httpresponse','request_id':'x','payload':'\\u0020YQ=='}|'payload' must be standard base64",
                "{'type':'httpresponse','request_id':'x','payload':'__-_'}|'payload' must be standard base64",
                "{'type':'slots','connection_ids':['SECRET',5]}|'connection_ids' must be a string",
                "{'type':'slots','connection_ids':'SECRET'}|'connection_ids' must be an array",
                "{'type':'expose','tunnel':'SECRET'}|'tunnel' must be an object",
                "{'type':'expose','tunnel':{'name':'SECRET'}}|'ref' is missing",
                "{'type':'end','stream_id':'SECRET','stream_id':'y'}|not valid JSON, or has a field twice",
                "{'type':'end','type':'end','stream_id':'SECRET'}|not valid JSON, or has a field twice",
                "{'type':'nosuch','a':'SECRET','a':1}|not valid JSON, or has a field twice",
                "{'type':'end','stream_id':'SECRET'|not valid JSON",
                "{'type':'end','stream_id':'SECRET'} x|not valid JSON",
                "{'type':'end','stream_id':'SECRET'}{}|follows the message",
                "['SECRET']|must be a JSON object",
                "5|must be a JSON object",
                "SECRET|not valid JSON",
                "{'type':'end','x':[[[[[[[[[['SECRET']]]]]]]]]]}|nested too deeply",
                "{'type':'end','n':1234567890123456789012345678901234567890}|too long a name or number",
            })
    void malformedTextsAreRefusedWithoutEchoingThem(String text, String message) {
        assertThatThrownBy(() -> decode(json(text)))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("SECRET")
                .hasNoCause();
    }

    @Test
    void otherMalformedBytesAreRefused() {
        assertMalformed(new byte[0]);
        assertMalformed(new byte[] {'{', '"', 't', '"', ':', '"', (byte) 0xC3, (byte) 0x28, '"', '}'});
        assertMalformed(json("{'type':'ping','nonce':1}").getBytes(java.nio.charset.StandardCharsets.UTF_16BE));
        assertMalformed(new byte[MessageCodec.MAX_MESSAGE_BYTES + 1]);
    }

    private void assertMalformed(byte[] text) {
        assertThatThrownBy(() -> codec.decode(ByteBuffer.wrap(text))).isInstanceOf(MalformedMessageException.class);
    }

    @Test
    void anUnknownTypeIsSkipped() throws Exception {
        assertThat(decode(json("{'type':'teleport','to':{'x':[1,2]}}"))).isNull();
        assertThat(decode(json("{'to':1,'type':'teleport'}"))).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'httpresponse','request_id':'x','payload':'YWJj'}",
                " {'type':'httpresponse','request_id':'x','payload':'YWJj' \n} \r\n\t",
                "{'type':'httpresponse','payload':'YWJj','request_id':'x'}",
                "{'type':'httpresponse','payload':'YWJj','request_id':'x','more':''}",
                "{'payload':'YWJj','request_id':'x','type':'httpresponse'}",
                "{'request_id':'x','type':'httpresponse','payload':'YWJj'}",
                "{'type':'httpresponse','request_id':'x','payload':'YWJj','more':'YWJj'}",
                "{'type':'httpresponse','request_id':'x','payload':'YWJj','more':{'payload':'AAAA'}}",
            })
    void bytesMayStandAnywhere(String text) throws Exception {
        assertThat(decode(json(text))).isEqualTo(new HttpResponse("x", bytes("abc")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'httpresponse','request_id':'x','payload':'}",
                "{'type':'httpresponse','request_id':'x','payload':'YWJj'",
                "{'type':'httpresponse','request_id':'x','payload':'YWJj'}}",
                "{'type':'httpresponse','request_id':'x','payload':'YWJj'},",
                "{'type':'httpresponse','request_id':'x','payload':'YWJj''}",
                "{'type':'httpresponse','request_id':'x','payload':'YWJj\\'}",
                "{'type':'httpresponse','request_id':'x','payload':'YWJj','payload':'YWJj'}",
                "{'type':'httpresponse','request_id':'x','payload':'YWJj','type':'YWJj'}",
                "{'type':'httpresponse','request_id':'x','payload':'YW=j'}",
                "{'type':'httpresponse','request_id':'x','payload':'Y==='}",
                "{'type':'httpresponse','request_id':'x','payload':'===='}",
                "{'type':'httpresponse','request_id':'x','payload':'YQ==YQ=='}",
            })
    void bytesAtTheEndAreReadNoLessStrictly(String text) {
        assertThatThrownBy(() -> decode(json(text))).isInstanceOf(MalformedMessageException.class);
    }

    @Test
    void escapesInBase64AreAsGoodAsTheCharacters() throws Exception {
        assertThat(decode("{\"type\":\"httpresponse\",\"request_id\":\"x\",\"payload\":\"\\/\\/8\\u003d\"}"))
                .isEqualTo(new HttpResponse("x", ByteBuffer.wrap(new byte[] {-1, -1})));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 255, 3071, 3072, 3073, 4095, 6144, 32 * 1024, 32 * 1024 + 1, 100_000})
    void anyBytesOfAnyBufferPass(int size) throws Exception {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        ByteBuffer heap = ByteBuffer.allocate(size + 7)
                .put(3, bytes)
                .position(3)
                .limit(3 + size)
                .slice();
        ByteBuffer direct =
                ByteBuffer.allocateDirect(size + 7).put(3, bytes).position(3).limit(3 + size);
        for (ByteBuffer data : List.of(heap, heap.asReadOnlyBuffer(), direct)) {
            int position = data.position();
            ByteBuffer text = codec.encode(new WebSocketFrame("id", Direction.DOWN, data));
            assertThat(data.position()).isEqualTo(position);
            assertThat(codec.decode(text)).isEqualTo(new WebSocketFrame("id", Direction.DOWN, ByteBuffer.wrap(bytes)));
            ByteBuffer inDirect = ByteBuffer.allocateDirect(text.remaining() + 5)
                    .position(5)
                    .put(text)
                    .position(5);
            assertThat(codec.decode(inDirect))
                    .isEqualTo(new WebSocketFrame("id", Direction.DOWN, ByteBuffer.wrap(bytes)));
            assertThat(inDirect.position()).isEqualTo(5);
        }
    }

    @Test
    void aBufferServesOneMessageAfterTheOther() throws Exception {
        TextBuffer buffer = new TextBuffer();
        for (int size : new int[] {10, 180_000, 0, 70_000, 3}) {
            HttpResponse message = new HttpResponse("x", ByteBuffer.allocate(size));
            assertThat(codec.decode(codec.encode(message, buffer))).isEqualTo(message);
        }
    }

    @Test
    void aMessageOverTheLimitIsNotWritten() {
        HttpResponse tooLarge = new HttpResponse("x", ByteBuffer.allocate(MessageCodec.MAX_MESSAGE_BYTES));
        assertThatThrownBy(() -> codec.encode(tooLarge))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("httpresponse");
    }

    private TunnelMessage decode(String text) throws MalformedMessageException {
        return codec.decode(UTF_8.encode(text));
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }

    private static ByteBuffer bytes(String text) {
        return UTF_8.encode(text);
    }
}
