package io.culvert.tunnel.jetty.internal.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at files every two seconds, and calls when they may have changed. */
public final class FileWatch {
    private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);
    private static final long LOOK_MILLIS = 2_000;

    /** A file changed this recently may change again without its time showing it. */
    private static final long RACY_MILLIS = 2_000;

    private final List<Path> files;
    private final Runnable onChange;

    /** The files as last seen; used by one look at a time, as what follows. */
    private List<Version> versions = List.of();

    private boolean settled;

    /** What identifies one state of a file; a missing one has a size below zero. */
    private record Version(
            FileTime modified, long size, @Nullable Object key) {
        static Version of(Path file) {
            try {
                BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
                return new Version(a.lastModifiedTime(), a.size(), a.fileKey());
            } catch (IOException x) {
                return new Version(FileTime.fromMillis(0), -1, null);
            }
        }
    }

    /**
     * Sees the files as they are now, before whoever watches reads them.
     *
     * @param onChange may block; called again and again while a change is so young that another may hide behind it
     */
    public FileWatch(List<Path> files, Runnable onChange) {
        this.files = List.copyOf(files);
        this.onChange = onChange;
        see();
    }

    /** Looks from now on, until the scheduler or the executor stops. */
    public void begin(Scheduler scheduler, Executor executor) {
        Runnable look = () -> {
            if (see()) {
                onChange.run();
            }
            begin(scheduler, executor);
        };
        try {
            scheduler.schedule(() -> dispatch(executor, look), LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException x) {
            LOG.debug("No more looks at {}: the scheduler stops", files);
        }
    }

    /** Reading files blocks, which a scheduler must not. */
    private static void dispatch(Executor executor, Runnable look) {
        try {
            executor.execute(look);
        } catch (RejectedExecutionException x) {
            LOG.debug("No more looks at files: the executor stops", x);
        }
    }

    /** Whether the files may have changed since the last look. */
    private boolean see() {
        List<Version> now = new ArrayList<>();
        boolean old = true;
        for (Path file : files) {
            Version version = Version.of(file);
            now.add(version);
            old &= System.currentTimeMillis() - version.modified.toMillis() > RACY_MILLIS;
        }
        boolean changed = !settled || !now.equals(versions);
        versions = now;
        settled = old;
        return changed;
    }
}
