package io.culvert.tunnel;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An IP address, or all that begin with the same bits (CIDR, RFC 4632): {@code 192.0.2.7}, {@code 10.0.0.0/8}, {@code 2001:db8::/32}.
 * Addresses of IPv4 written as IPv6 ({@code ::ffff:192.0.2.7}) count as IPv4. Immutable.
 */
public final class AddressRange {
    private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";

    /** What {@link InetAddress} takes for a literal and never asks a name server about. */
    private static final Pattern LITERAL =
            Pattern.compile(OCTET + "(?:\\." + OCTET + "){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

    private static final Pattern RANGE = Pattern.compile("([^/]+)(?:/([0-9]{1,3}))?");

    private final byte[] first;
    private final int bits;

    private AddressRange(byte[] first, int bits) {
        this.first = first;
        this.bits = bits;
    }

    /**
     * Reads an address or a range.
     *
     * @throws TunnelException {@code BAD_CONFIGURATION} if it is neither, or the address has bits set beyond the prefix
     */
    public static AddressRange parse(String text) {
        Matcher matcher = RANGE.matcher(text.strip());
        if (!matcher.matches()) {
            throw neither(text);
        }
        byte[] address = address(matcher.group(1), text).getAddress();
        int most = address.length * Byte.SIZE;
        int bits = matcher.group(2) == null ? most : Integer.parseInt(matcher.group(2));
        if (bits > most) {
            throw neither(text);
        }
        for (int bit = bits; bit < most; bit++) {
            if ((address[bit / Byte.SIZE] & 0x80 >> bit % Byte.SIZE) != 0) {
                throw new TunnelException(
                        TunnelError.BAD_CONFIGURATION,
                        "'" + text + "' has bits set behind its prefix of " + bits
                                + ": write the network's first address, or leave the prefix out.");
            }
        }
        return new AddressRange(address, bits);
    }

    /**
     * An address as a literal, without a look-up.
     *
     * @throws TunnelException {@code BAD_CONFIGURATION} if it is none
     */
    public static InetAddress address(String literal) {
        return address(literal, literal);
    }

    private static InetAddress address(String literal, String text) {
        if (!LITERAL.matcher(literal).matches()) {
            throw neither(text);
        }
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException x) {
            throw neither(text);
        }
    }

    private static TunnelException neither(String text) {
        return new TunnelException(
                TunnelError.BAD_CONFIGURATION,
                "'" + text + "' is neither an address nor a network such as 10.0.0.0/8 or 2001:db8::/32.");
    }

    /** Whether the address is in the range. */
    public boolean contains(InetAddress address) {
        byte[] other = address.getAddress();
        if (other.length != first.length) {
            return false;
        }
        int whole = bits / Byte.SIZE;
        for (int i = 0; i < whole; i++) {
            if (first[i] != other[i]) {
                return false;
            }
        }
        int rest = bits % Byte.SIZE;
        return rest == 0 || (first[whole] ^ other[whole]) >> Byte.SIZE - rest == 0;
    }

    @Override
    public String toString() {
        try {
            return InetAddress.getByAddress(first).getHostAddress() + "/" + bits;
        } catch (UnknownHostException x) {
            throw new AssertionError("an address has 4 or 16 bytes", x);
        }
    }
}
