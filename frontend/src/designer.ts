import "./x-ray";
import "./designer/markdown-editor";
import "./designer/question-designer";
