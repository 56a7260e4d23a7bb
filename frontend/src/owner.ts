import "./x-ray";
import "./owner/copy-button";
import "./owner/drawn-layers";
import "./owner/live-region";
import "./owner/look-again";
import "./owner/place-editor";
import "./owner/upload-form";
