package io.culvert.tunnel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Lets in who holds a token of a file, or a certificate for a name in it; only hashes of the tokens stay in memory. */
final class TokenFile implements Authenticator {
    private static final System.Logger LOG = System.getLogger(TokenFile.class.getName());
    private static final long MAX_BYTES = 1 << 20;
    private static final int LABEL_BYTES = 6;
    private static final Pattern CLAIM =
            Pattern.compile("[a-z0-9-]{1,63}\\*?|[a-z0-9_-]{1,63}(\\.[a-z0-9_-]{1,63})+|:[0-9]{1,5}");

    /** A file changed this recently may change again without its time showing it. */
    private static final long RACY_MILLIS = 2_000;

    /** What stands before a certificate's name, in a token's place. */
    private static final String CERTIFICATE = "cert:";

    private final Path file;
    private final InstantSource clock;
    private final ReentrantLock reading = new ReentrantLock();

    /** Replaced as a whole, under {@code reading}; read without. */
    private volatile Loaded loaded;

    private record Token(byte[] hash, AgentIdentity identity) {}

    private record Certified(String name, AgentIdentity identity) {}

    /** What identifies one state of the file, as far as the file system tells. */
    private record Version(
            FileTime modified, long size, @Nullable Object key) {
        static Version of(Path file) throws IOException {
            BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
            return new Version(a.lastModifiedTime(), a.size(), a.fileKey());
        }
    }

    /**
     * The outcome of a look at the file.
     *
     * @param version none if the file was not there
     * @param settled whether an equal version means equal content
     */
    private record Loaded(
            @Nullable Version version, boolean settled, List<Token> tokens, List<Certified> certificates) {
        Stream<AgentIdentity> identities() {
            return Stream.concat(
                    tokens.stream().map(Token::identity), certificates.stream().map(Certified::identity));
        }
    }

    TokenFile(Path file) {
        this(file, InstantSource.system());
    }

    TokenFile(Path file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
        try {
            this.loaded = load(Version.of(file));
        } catch (IOException x) {
            throw new TunnelException(TunnelError.BAD_CONFIGURATION, describe(x), x);
        }
        if (loaded.tokens.isEmpty() && loaded.certificates.isEmpty()) {
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION,
                    "The token file " + file + " holds no token. Write one token a line into it.");
        }
    }

    @Override
    public Optional<AgentIdentity> authenticate(String token) {
        byte[] hash = sha256(token.getBytes(StandardCharsets.UTF_8));
        AgentIdentity found = null;
        for (Token known : current().tokens) {
            // No early way out: the time taken tells nothing about which token came close.
            if (MessageDigest.isEqual(known.hash, hash)) {
                found = known.identity;
            }
        }
        return Optional.ofNullable(found);
    }

    /** A token that was sent has to be right; without one the certificate counts. */
    @Override
    public Optional<AgentIdentity> authenticate(AgentCredentials credentials) {
        if (credentials.token().isPresent()) {
            return credentials.token().flatMap(this::authenticate);
        }
        List<String> names = credentials.certificateNames();
        return current().certificates.stream()
                .filter(known -> names.contains(known.name))
                .map(Certified::identity)
                .findFirst();
    }

    @Override
    public Set<AgentIdentity> stillLetIn(Set<AgentIdentity> agents) {
        Set<AgentIdentity> known = current().identities().collect(Collectors.toSet());
        return agents.stream().filter(known::contains).collect(Collectors.toSet());
    }

    @Override
    public boolean isBound(String nameOrHost) {
        return loaded.identities().anyMatch(identity -> identity.claims().contains(nameOrHost));
    }

    /** The tokens as the file has them now; those read last while another thread reads, or while it cannot be read. */
    private Loaded current() {
        if (!reading.tryLock()) {
            return loaded;
        }
        try {
            Loaded last = loaded;
            try {
                Version now = Version.of(file);
                if (!last.settled || !now.equals(last.version)) {
                    loaded = load(now);
                }
            } catch (IOException x) {
                if (last.version != null) { // once, not for every handshake
                    LOG.log(System.Logger.Level.WARNING, describe(x) + " The tokens read before stay valid.");
                    loaded = new Loaded(null, false, last.tokens, last.certificates);
                }
            }
            return loaded;
        } finally {
            reading.unlock();
        }
    }

    private Loaded load(Version version) throws IOException {
        if (version.size > MAX_BYTES) {
            throw new IOException("it is larger than " + MAX_BYTES + " bytes");
        }
        List<Token> tokens = new ArrayList<>();
        List<Certified> certificates = new ArrayList<>();
        int number = 0;
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            number++;
            String entry = line.strip();
            if (entry.isEmpty() || entry.startsWith("#")) {
                continue;
            }
            String[] words = entry.split("[ \t]+");
            if (!words[0].chars().allMatch(c -> c > ' ' && c < 0x7f)) {
                throw new IOException("line " + number + " has no token, which is printable ASCII without spaces");
            }
            Set<String> claims = new LinkedHashSet<>();
            for (String claim : List.of(words).subList(1, words.length)) {
                String folded = claim.toLowerCase(Locale.ROOT);
                if (!CLAIM.matcher(folded).matches()) {
                    throw new IOException(
                            "line " + number + " claims something that is no name, host or :port behind its token");
                }
                claims.add(folded);
            }
            if (words[0].startsWith(CERTIFICATE)) {
                String name = words[0].substring(CERTIFICATE.length()).toLowerCase(Locale.ROOT);
                if (name.isEmpty()) {
                    throw new IOException("line " + number + " names nobody behind " + CERTIFICATE);
                }
                certificates.add(new Certified(name, new AgentIdentity(CERTIFICATE + name, claims)));
                continue;
            }
            byte[] hash = sha256(words[0].getBytes(StandardCharsets.UTF_8));
            tokens.add(new Token(hash, new AgentIdentity(owner(hash), claims)));
        }
        long age = clock.millis() - version.modified.toMillis();
        return new Loaded(version, age > RACY_MILLIS, List.copyOf(tokens), List.copyOf(certificates));
    }

    /** The same for a token wherever it stands in the file; a part of a hash of its hash, so that it helps nobody. */
    private static String owner(byte[] hash) {
        return "token-" + HexFormat.of().formatHex(sha256(hash), 0, LABEL_BYTES);
    }

    private String describe(IOException x) {
        return "The token file " + file + " cannot be used: " + FileProblem.of(x) + ".";
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException x) {
            throw new AssertionError("every Java has SHA-256", x);
        }
    }
}
