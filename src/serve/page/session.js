/* Who is using the page, and what that role may do. */
const ROLES = ["none", "operator", "engineer", "admin"];
let current = { name: "", role: "none", version: "", needs_token: false };

export function session() {
  return current;
}
export function setSession(answer) {
  current = answer;
}
export function may(role) {
  return ROLES.indexOf(current.role) >= ROLES.indexOf(role);
}
export const roles = ROLES.slice(1);

/* What is kept in this browser: language, theme, the product that was looked at last. */
export function remembered(key) {
  try {
    return localStorage.getItem(`okng-${key}`);
  } catch {
    return null;
  }
}
export function remember(key, value) {
  try {
    localStorage.setItem(`okng-${key}`, value);
  } catch {
    /* a browser without storage forgets */
  }
}
