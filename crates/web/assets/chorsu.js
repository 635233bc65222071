// Comfort only: every form works without this file.
"use strict";

/** Rewrites a field as it is typed in, keeping the caret behind the digit it was behind. */
function reformat(field, format) {
  field.addEventListener("input", (event) => {
    const deleting = (event.inputType || "").startsWith("delete");
    const atEnd = field.selectionStart === field.value.length;
    const digitsBefore = field.value.slice(0, field.selectionStart).replace(/\D/g, "").length;
    const text = format(field.value.replace(/\D/g, ""), deleting);
    if (text === field.value) return;
    field.value = text;
    let place = 0;
    for (let seen = 0; place < text.length && seen < digitsBefore; place += 1) {
      if (/\d/.test(text[place])) seen += 1;
    }
    if (atEnd) place = text.length;
    field.setSelectionRange(place, place);
  });
}

for (const field of document.querySelectorAll("[autocomplete=cc-number], [data-card]")) {
  reformat(field, (digits) => digits.slice(0, 16).replace(/(\d{4})(?=\d)/g, "$1 "));
}

for (const field of document.querySelectorAll("[autocomplete=cc-exp]")) {
  reformat(field, (digits, deleting) => {
    // "5" can only be May; "12/2031" is how some browsers fill it in.
    let all = /^[2-9]/.test(digits) ? "0" + digits : digits;
    if (all.length === 6 && all.slice(2, 4) === "20") all = all.slice(0, 2) + all.slice(4);
    const slash = all.length > 2 || (all.length === 2 && !deleting) ? "/" : "";
    return all.slice(0, 2) + slash + all.slice(2, 4);
  });
}

for (const shown of document.querySelectorAll("[data-countdown]")) {
  const end = Date.now() + Number(shown.textContent) * 1000;
  const timer = setInterval(() => {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left > 0) {
      shown.textContent = String(left);
      return;
    }
    clearInterval(timer);
    const line = shown.closest("[data-over]");
    line.textContent = line.dataset.over;
  }, 500);
}

// One press is one payment: the server knows that too, but the payer should see it.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", () => {
    for (const button of document.querySelectorAll("form[data-once] button")) {
      button.disabled = true;
    }
    form.querySelector("button").setAttribute("aria-busy", "true");
  });
}
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const button of document.querySelectorAll("form[data-once] button")) {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
});

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = label; }, 1500);
    });
  }
}
