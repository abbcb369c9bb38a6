package io.culvert.tunnel.cli.status;

import io.nayuki.qrcodegen.DataTooLongException;
import io.nayuki.qrcodegen.QrCode;
import java.util.ArrayList;
import java.util.List;

/** A QR code in half blocks, two of its rows a line; what is drawn is its light part. */
public final class QrBlocks {
    private static final int MARGIN = 2;

    private QrBlocks() {}

    /** The lines of a code for a text; none if it is too long for one. */
    public static List<String> of(String text) {
        QrCode code;
        try {
            code = QrCode.encodeText(text, QrCode.Ecc.LOW);
        } catch (DataTooLongException x) {
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        for (int y = -MARGIN; y < code.size + MARGIN; y += 2) {
            StringBuilder line = new StringBuilder();
            for (int x = -MARGIN; x < code.size + MARGIN; x++) {
                boolean upper = !code.getModule(x, y);
                boolean lower = !code.getModule(x, y + 1) && y + 1 < code.size + MARGIN;
                line.append(upper ? lower ? '█' : '▀' : lower ? '▄' : ' ');
            }
            lines.add(line.toString());
        }
        return List.copyOf(lines);
    }
}
