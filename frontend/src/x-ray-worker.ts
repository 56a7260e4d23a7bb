import "./x-ray/worker";
