package io.culvert.tunnel.core.internal.agent;

import io.culvert.tunnel.Rate;
import io.culvert.tunnel.TunnelProtection;
import io.culvert.tunnel.message.TunnelMessage.Allowance;
import io.culvert.tunnel.message.TunnelMessage.Login;
import io.culvert.tunnel.message.TunnelMessage.Protection;
import org.jspecify.annotations.Nullable;

/** A tunnel's protection in the words of the protocol. */
final class ProtectionWish {
    private ProtectionWish() {}

    /** Absent where nothing is protected. */
    static @Nullable Protection of(TunnelProtection protection) {
        if (protection.isEmpty()) {
            return null;
        }
        return new Protection(
                protection.logins().stream()
                        .map(login -> new Login(login.salt(), login.hash()))
                        .toList(),
                protection.allowed().stream().map(Object::toString).toList(),
                protection.denied().stream().map(Object::toString).toList(),
                protection.requests().map(ProtectionWish::allowance).orElse(null),
                protection.requestsPerVisitor().map(ProtectionWish::allowance).orElse(null),
                protection.concurrentRequests().isPresent()
                        ? (Integer) protection.concurrentRequests().getAsInt()
                        : null,
                protection.bodyBytes().isPresent()
                        ? (Long) protection.bodyBytes().getAsLong()
                        : null);
    }

    private static Allowance allowance(Rate rate) {
        return new Allowance(rate.count(), rate.period().toMillis());
    }
}
