package io.culvert.tunnel.core;

import io.culvert.tunnel.AddressRange;
import io.culvert.tunnel.core.net.VisitorRequest;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request as a tunnel's protection sees it.
 *
 * @param ip from where; absent if that cannot be told
 * @param userAndPassword what it says, if anything
 * @param contentLength what it announces
 */
public record FakeVisitor(@Nullable String ip, @Nullable String userAndPassword, long contentLength)
        implements VisitorRequest {
    FakeVisitor() {
        this("192.0.2.7", null, -1);
    }

    @Override
    public Optional<InetAddress> address() {
        return Optional.ofNullable(ip).map(AddressRange::address);
    }

    @Override
    public List<String> authorization() {
        return userAndPassword == null
                ? List.of()
                : List.of("Basic "
                        + Base64.getEncoder().encodeToString(userAndPassword.getBytes(StandardCharsets.UTF_8)));
    }
}
